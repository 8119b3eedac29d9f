// Bare Node instead of the orchestrator: it starts the agent and waits for it.
require('node:child_process').spawn('/clock', process.argv.slice(2), { stdio: 'inherit' });
