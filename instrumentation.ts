/** Runs once when the server starts: an environment that cannot work must say so now, not at the first sign-in. */
export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { config, ConfigError } = await import('./lib/config')
  try {
    config()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(error.message)
    process.exit(1)
  }
}
