import 'server-only'
import { errorText } from '@/lib/error-text'

/** Reads the data of a control page. Null on an error, so the page can show that the database is unavailable. */
export async function tryRead<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read()
  } catch (error) {
    console.error(`control: ${errorText(error)}`)
    return null
  }
}
