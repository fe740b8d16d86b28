import { healthResponse, readReadiness } from '@/lib/server/health'

export const dynamic = 'force-dynamic'

/** For a readiness probe: this instance can take requests. */
export const GET = async (): Promise<Response> => healthResponse(await readReadiness())
