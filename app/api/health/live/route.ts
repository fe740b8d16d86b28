import { healthResponse } from '@/lib/server/health'

export const dynamic = 'force-dynamic'

/** For a liveness probe: the process answers. It asks nobody, so that no outage restarts the app. */
export const GET = (): Response => healthResponse({ ok: true })
