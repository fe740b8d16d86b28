import { headers } from 'next/headers'
import { decodeTrace, traceHeader } from '@/lib/request/trace'
import { CarryOverInBackground } from './in-background'

/** Starts the migration on any page, when the middleware's verdict asks for it. All others load no script for it. */
export async function CarryOver() {
  const trace = decodeTrace((await headers()).get(traceHeader))
  return trace?.migrate ? <CarryOverInBackground team={trace.team} /> : null
}
