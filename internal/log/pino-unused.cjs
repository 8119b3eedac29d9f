/**
 * Stands in the bundle for the modules that pino loads at start and that only its transports and file destinations
 * use: see pino-aliases.json. They cost more start-up time than all the rest of pino (worker_threads, assert).
 */
module.exports = class PinoUnused {};
module.exports.isMainThread = true;
