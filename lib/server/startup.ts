import 'server-only'
import { config, parseConfig } from '../config'
import { deploymentLines } from '../deployment'
import { ConfigError } from '../environment'
import { migrationConfigProblems, migrationStatus, startBackgroundWork } from '../seam'
import { teamConfigProblems } from '../teams'

/** The problems of the product's settings, as sentences for the operator. */
function configProblems(): readonly string[] {
  try {
    parseConfig(process.env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

// A server with a wrong environment must stop when it starts, and not fail at the first sign-in.
const problems = [...configProblems(), ...teamConfigProblems(), ...migrationConfigProblems()]
if (problems.length > 0) {
  console.error(new ConfigError(problems).message)
  process.exit(1)
}

const { auth0Tenant } = migrationStatus()
for (const line of deploymentLines(config(), auth0Tenant)) console.log(line)

startBackgroundWork()
