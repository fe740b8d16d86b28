import { healthResponse, readReadiness } from '@/lib/server/health'

export const dynamic = 'force-dynamic'

/** Readiness probe. It answers 200 when this instance can take requests. */
export const GET = async (): Promise<Response> => healthResponse(await readReadiness())
