import 'server-only'
import { rm } from 'node:fs/promises'
import { type ExportOptions, exportUsers } from '../export/export-users'

/**
 * Runs Auth0's export job, and deletes its file after the work. The file has personal data, and is soon outdated.
 * @param work gets the path of the file
 * @throws the errors of {@link exportUsers} and of `work`
 */
export async function withFreshExport<T>(
  options: Omit<ExportOptions, 'connectionId'>,
  work: (usersFile: string) => Promise<T>,
): Promise<T> {
  const usersFile = await exportUsers({ ...options, connectionId: null })
  try {
    return await work(usersFile)
  } finally {
    await rm(usersFile, { force: true })
  }
}
