import { healthResponse, readDependencies } from '@/lib/server/health'

export const dynamic = 'force-dynamic'

/** The state of every dependency, for monitoring. A load balancer must use /api/health/ready instead. */
export const GET = async (): Promise<Response> => healthResponse(await readDependencies())
