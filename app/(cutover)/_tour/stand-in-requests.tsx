import { z } from 'zod'
import { config } from '@/lib/config'
import { legacyConfig } from '@/lib/legacy/config'

const shown = 8
/** The page waits for it, so it is short; on this machine an answer takes a few milliseconds. */
const deadlineMilliseconds = 400

const log = z.array(
  z.object({ at: z.coerce.date(), method: z.string(), path: z.string(), status: z.number() }),
)
type Seen = z.infer<typeof log>[number] & { by: string }

/** What the stand-ins were asked last, whoever asked. For the sandbox: the real ones have no such list. */
export async function StandInRequests() {
  const { stytch } = config()
  const auth0 = legacyConfig()
  const logs = await Promise.all([
    requestsOf('Stytch', stytch.apiUrl),
    requestsOf('Auth0', auth0.issuer),
  ])
  const seen = logs.flatMap(({ requests }) => requests ?? [])
  const latest = seen.sort((a, b) => b.at.getTime() - a.at.getTime()).slice(0, shown)
  return (
    <>
      {logs.map(
        ({ by, requests }) =>
          requests === null && (
            <p key={by} className="mb-3 text-sm">
              The {by} stand-in does not answer, so what it has seen cannot be shown.
            </p>
          ),
      )}
      {latest.length === 0 ? (
        <p className="text-quiet text-sm">No request so far.</p>
      ) : (
        <ol aria-label="Latest requests, newest first" className="grid gap-2.5 text-xs">
          {latest.map((request, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two requests may be alike in everything
            <Request key={index} {...request} />
          ))}
        </ol>
      )}
    </>
  )
}

function Request({ by, at, method, path, status }: Seen) {
  return (
    <li className="grid grid-cols-[3.25rem_minmax(0,1fr)_auto] gap-x-3">
      <span className="font-medium">{by}</span>
      <span className="font-mono [overflow-wrap:anywhere]">
        {method} {withoutIds(path)}
      </span>
      <span className="font-mono">{status === 0 ? 'dropped' : status}</span>
      <time dateTime={at.toISOString()} className="col-start-2 text-quiet">
        {at.toISOString().slice(11, 19)} UTC
      </time>
    </li>
  )
}

/** What is that long in a path is an id, which says nothing to a reader. */
const withoutIds = (path: string): string =>
  path.replace(/[^/]{24,}/g, (segment) => `${segment.slice(0, 12)}…`)

async function requestsOf(
  by: string,
  base: string,
): Promise<{ by: string; requests: Seen[] | null }> {
  try {
    const answer = await fetch(new URL('/_sandbox/requests', base), {
      signal: AbortSignal.timeout(deadlineMilliseconds),
      cache: 'no-store',
    })
    const requests = log.parse(await answer.json())
    return { by, requests: requests.slice(-shown).map((request) => ({ ...request, by })) }
  } catch {
    return { by, requests: null }
  }
}
