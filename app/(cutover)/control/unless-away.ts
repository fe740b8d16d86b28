import 'server-only'
import { errorText } from '@/lib/error-text'

/** What a page of the control room shows, or null while the database is away: then it says so instead. */
export async function unlessAway<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read()
  } catch (error) {
    console.error(`control: ${errorText(error)}`)
    return null
  }
}
