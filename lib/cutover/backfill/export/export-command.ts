import 'server-only'
import { relative } from 'node:path'
import { legacyConfig } from '../../../legacy/config'
import { exitCodes, optionalText, type Subcommand, UsageError } from '../subcommand'
import { exportUsers } from './export-users'

/** @throws {UsageError} without Auth0, or without the keys of its machine client */
export function requireManagement(): void {
  const { provider, management } = legacyConfig()
  if (provider !== 'auth0') {
    throw new UsageError(
      'Only Auth0 has an export job. Write two CSV files, as docs/in-house-login.md describes.',
    )
  }
  if (management) return
  throw new UsageError('Set AUTH0_MANAGEMENT_CLIENT_ID and AUTH0_MANAGEMENT_CLIENT_SECRET.')
}

export const exportCommand: Subcommand = {
  summary: "runs Auth0's export job and downloads the users to .data/backfill",
  help: ['--connection ID   only the users of this connection, such as con_…'],
  options: { connection: { type: 'string' } },
  async run(values, { print, progress, folder, signal }) {
    requireManagement()
    const display = progress('Export at Auth0, in percent')
    try {
      const path = await exportUsers({
        connectionId: optionalText(values.connection),
        folder,
        signal,
        onProgress: (percent) => display.update(percent ?? 0, percent === null ? null : 100),
      })
      display.end()
      const shown = relative(process.cwd(), path)
      print(`Downloaded ${shown}. It contains personal data: delete it after the import.`)
      print(`Next: npm run backfill -- plan --users ${shown} --hashes FILE`)
      return exitCodes.clean
    } finally {
      display.end()
    }
  },
}
