import { registerHooks } from 'node:module';

/*
 * Preloaded before cmd/bundle.ts, so that the list of what went into the bundle is that of the very run that made it:
 * gives it an esbuild that writes its metafile, too.
 */
const recorder = new URL('esbuild-recorder.ts', import.meta.url).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'esbuild' && context.parentURL !== recorder
      ? { url: recorder, format: 'module-typescript', shortCircuit: true }
      : next(specifier, context),
});
