import { healthResponse } from '@/lib/server/health'

export const dynamic = 'force-dynamic'

/** Liveness probe. It checks no dependency, so that an outage of one does not restart the app. */
export const GET = (): Response => healthResponse({ ok: true })
