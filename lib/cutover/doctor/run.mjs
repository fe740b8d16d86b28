import { registerHooks } from 'node:module'

/** `npm run doctor`. See command.ts. */

// The imports of the app have no file extension. Bundlers find the file, and Node does not.
registerHooks({
  resolve(specifier, context, next) {
    try {
      return next(specifier, context)
    } catch (error) {
      if (error.code !== 'ERR_MODULE_NOT_FOUND' || !specifier.startsWith('.')) throw error
      return next(`${specifier}.ts`, context)
    }
  },
})

const { runDoctorHere } = await import('./command.ts')
await runDoctorHere()
