import { registerHooks } from 'node:module'

/** `npm run backfill`. See command.ts. */

registerHooks({
  resolve(specifier, context, next) {
    // Next's bundler replaces this package. In Node it throws.
    if (specifier === 'server-only') return { url: 'data:text/javascript,', shortCircuit: true }
    // Node imports JSON only with this attribute, and bundlers need none.
    if (specifier.endsWith('.json')) {
      return { ...next(specifier, context), importAttributes: { type: 'json' } }
    }
    // The imports of the app have no file extension. Bundlers find the file, and Node does not.
    try {
      return next(specifier, context)
    } catch (error) {
      if (error.code !== 'ERR_MODULE_NOT_FOUND' || !specifier.startsWith('.')) throw error
      return next(`${specifier}.ts`, context)
    }
  },
})

const { runBackfillHere } = await import('./command.ts')
await runBackfillHere()
