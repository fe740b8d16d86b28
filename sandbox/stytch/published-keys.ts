import type { JWK } from 'stytch'
import type { StandInState } from '../stand-in/state.ts'
import { ApiError } from './errors.ts'
import type { ProjectKeys } from './keys.ts'

/** Longer than any verifier waits for a key set. jose waits five seconds. */
const slowKeysMs = 30_000

/** The only backend route without credentials, because every verifier of a session JWT fetches it. */
export async function publishedKeys(
  { projectId, keys }: { projectId: string; keys: ProjectKeys },
  delays: StandInState['delays'],
  sentProjectId: unknown,
): Promise<{ keys: JWK[] }> {
  if (sentProjectId !== projectId) throw new ApiError('route_not_found')
  if (keys.mode === 'error') throw new ApiError('internal_server_error')
  if (keys.mode === 'slow') await delays.wait(slowKeysMs)
  return { keys: await keys.published() }
}
