import { sql } from 'drizzle-orm'
import { config } from '@/lib/config'
import { database } from '@/lib/db/database'
import { migrationHealth } from '@/lib/seam'

export const dynamic = 'force-dynamic'

const milliseconds = 2_000
type Health = { status: number; body: string }
let latest: { at: number; health: Promise<Health> } | undefined

/** 200 when everything answers, else 503; a line for each dependency. */
export async function GET() {
  // Anybody may ask, so asking often must not become a load on the providers.
  if (!latest || Date.now() - latest.at > 1_000) latest = { at: Date.now(), health: look() }
  const { status, body } = await latest.health
  return new Response(body, {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  })
}

async function look(): Promise<Health> {
  const { stytch, auth0 } = config()
  const [db, stytchKeys, legacyKeys] = await Promise.all([
    answers(async () => (await database()).execute(sql`select 1`)),
    answers(() => fetchOk(`${stytch.apiUrl}/v1/sessions/jwks/${stytch.projectId}`)),
    answers(() => fetchOk(`${auth0.issuer}.well-known/jwks.json`)),
  ])
  const dependencies = { database: db, stytch: stytchKeys, legacy: legacyKeys }
  const ok = Object.values(dependencies).every((state) => state === 'ok')
  const answer = { ok, ...dependencies, ...migrationHealth() }
  return { status: ok ? 200 : 503, body: `${JSON.stringify(answer, null, 2)}\n` }
}

async function answers(ask: () => Promise<unknown>): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${milliseconds} ms`), milliseconds)
  })
  const asked = ask().then(
    () => 'ok',
    // The kind of error only: a message may name hosts that are nobody's business.
    (error: Error & { code?: string }) =>
      error.code === 'database_outdated'
        ? 'not up to date: run `npm run db:migrate`'
        : `does not answer (${error.name})`,
  )
  return Promise.race([asked, late]).finally(() => clearTimeout(timer))
}

async function fetchOk(url: string): Promise<void> {
  const response = await fetch(url, {
    cache: 'no-store',
    signal: AbortSignal.timeout(milliseconds),
  })
  if (!response.ok) throw new Error(`status ${response.status}`)
}
