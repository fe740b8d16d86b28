import { headers } from 'next/headers'
import { config } from '@/lib/config'
import { decodeTrace, traceHeader } from '@/lib/request/trace'
import { CarryOver } from './carry-over'

/** Migrates the legacy session of this page's user in the background, when the middleware's verdict says so. */
export async function SessionMigration() {
  const trace = decodeTrace((await headers()).get(traceHeader))
  return <CarryOver isDue={trace?.migrate ?? false} explains={config().sandbox} />
}
