declare const BUILD_VERSION: string | undefined;
declare const BUILD_COMMIT: string | undefined;
declare const BUILD_DATE: string | undefined;

/** The build sets it. Unbuilt sources have no version. */
export const version = typeof BUILD_VERSION === 'string' ? BUILD_VERSION : 'dev';
export const commit = typeof BUILD_COMMIT === 'string' ? BUILD_COMMIT : 'none';
/** The date of the commit, ISO 8601. */
export const date = typeof BUILD_DATE === 'string' ? BUILD_DATE : 'unknown';
