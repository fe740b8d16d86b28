import { z } from 'zod'
import { config } from '@/lib/config'
import { legacyConfig } from '@/lib/legacy/config'

const maxRequests = 8
/** Short, because the page waits for both stand-ins. A local stand-in answers within a few milliseconds. */
const timeoutMilliseconds = 400

const logSchema = z.array(
  z.object({ at: z.coerce.date(), method: z.string(), path: z.string(), status: z.number() }),
)
type LoggedRequest = z.infer<typeof logSchema>[number] & { standIn: string }
type Log = { standIn: string; requests: LoggedRequest[] | null }

/** The latest requests to both stand-ins. Sandbox only: real Auth0 and Stytch have no such log. */
export async function StandInRequests() {
  const { stytch } = config()
  const legacy = legacyConfig()
  // The in-house login is this app, and has no stand-in.
  const ofLegacy = legacy.provider === 'auth0' ? [readLog('Auth0', legacy.issuer)] : []
  const logs = await Promise.all([readLog('Stytch', stytch.apiUrl), ...ofLegacy])
  const latest = logs
    .flatMap(({ requests }) => requests ?? [])
    .sort((a, b) => b.at.getTime() - a.at.getTime())
    .slice(0, maxRequests)
  return (
    <>
      {logs.map(
        ({ standIn, requests }) =>
          requests === null && (
            <p key={standIn} className="mb-3 text-sm">
              The {standIn} stand-in does not answer. Its requests cannot be shown.
            </p>
          ),
      )}
      {latest.length === 0 ? (
        <p className="text-quiet text-sm">No requests yet.</p>
      ) : (
        <ol aria-label="Latest requests, newest first" className="grid gap-2.5 text-xs">
          {latest.map((request, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two requests may be identical in every field
            <Request key={index} {...request} />
          ))}
        </ol>
      )}
    </>
  )
}

function Request({ standIn, at, method, path, status }: LoggedRequest) {
  return (
    <li className="grid grid-cols-[3.25rem_minmax(0,1fr)_auto] gap-x-3">
      <span className="font-medium">{standIn}</span>
      <span className="font-mono [overflow-wrap:anywhere]">
        {method} {shortenIds(path)}
      </span>
      <span className="font-mono">{status === 0 ? 'dropped' : status}</span>
      <time dateTime={at.toISOString()} className="col-start-2 text-quiet">
        {at.toISOString().slice(11, 19)} UTC
      </time>
    </li>
  )
}

/** Shortens path segments of 24 characters or more, because they are ids that do not help the user. */
const shortenIds = (path: string): string =>
  path.replace(/[^/]{24,}/g, (segment) => `${segment.slice(0, 12)}…`)

/** Reads the request log of a stand-in. `requests` is null if the stand-in does not answer. */
async function readLog(standIn: string, base: string): Promise<Log> {
  try {
    const answer = await fetch(new URL('/_sandbox/requests', base), {
      signal: AbortSignal.timeout(timeoutMilliseconds),
      cache: 'no-store',
    })
    const requests = logSchema.parse(await answer.json()).slice(-maxRequests)
    return { standIn, requests: requests.map((request) => ({ ...request, standIn })) }
  } catch {
    return { standIn, requests: null }
  }
}
