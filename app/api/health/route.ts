import { healthResponse, readDependencies } from '@/lib/server/health'

export const dynamic = 'force-dynamic'

/** For monitoring: every dependency. A load balancer asks /api/health/ready instead. */
export const GET = async (): Promise<Response> => healthResponse(await readDependencies())
