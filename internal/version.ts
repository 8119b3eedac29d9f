declare const BUILD_VERSION: string | undefined;
declare const BUILD_COMMIT: string | undefined;
declare const BUILD_DATE: string | undefined;

/** Stamped in by the build; sources that run unbuilt have none. */
export const version = typeof BUILD_VERSION === 'string' ? BUILD_VERSION : 'dev';
export const commit = typeof BUILD_COMMIT === 'string' ? BUILD_COMMIT : 'none';
/** When the commit was made, ISO 8601. */
export const date = typeof BUILD_DATE === 'string' ? BUILD_DATE : 'unknown';
