import 'server-only'
import { ConfigError, config } from './config'
import { checkMigrationEnvironment, startMigrationWork } from './seam'

// An environment that cannot work must say so when the server starts, not at the first sign-in.
try {
  config()
  checkMigrationEnvironment()
} catch (error) {
  console.error(
    error instanceof ConfigError ? error.message : `POLICY_FALLBACK is not a policy: ${error}`,
  )
  process.exit(1)
}

startMigrationWork()
