import { z } from 'zod'

export const faultSchema = z.strictObject({
  /** Without it, or with `*`: any method. */
  method: z
    .string()
    .transform((method) => method.toUpperCase())
    .optional(),
  /** The exact path, or a prefix that ends in `*`. */
  path: z.string().regex(/^(\/|\*$)/, 'must start with "/" or be "*"'),
  status: z.int().min(200).max(599).optional(),
  delayMs: z.number().min(0).max(600_000).optional(),
  /** Closes the connection without a response. */
  drop: z.boolean().optional(),
  /** The request takes effect, and then the connection closes without a response. */
  loseResponse: z.boolean().optional(),
  /** A string is sent as it is, anything else as JSON. */
  body: z.unknown().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** The number of requests that get the fault. Without it: all requests, until the faults are cleared. */
  times: z.int().min(1).optional(),
})

/** A failure that a test has ordered. With `delayMs` alone, the real response follows after the delay. */
export type Fault = z.infer<typeof faultSchema>

export function createFaults() {
  let faults: Fault[] = []

  return {
    set(list: Fault[]) {
      faults = list.map((fault) => ({ ...fault }))
    },
    /** The faults that remain, with the `times` that remain. */
    list: (): Fault[] => faults.map((fault) => ({ ...fault })),
    clear() {
      faults = []
    },
    /** Finds the fault for a request, and counts it as used. */
    take(method: string, path: string): Fault | null {
      const fault = faults.find((candidate) => matches(candidate, method, path))
      if (!fault) return null
      if (fault.times !== undefined) {
        fault.times -= 1
        if (fault.times === 0) faults = faults.filter((candidate) => candidate !== fault)
      }
      return { ...fault }
    },
  }
}

function matches(fault: Fault, method: string, path: string): boolean {
  const anyMethod = fault.method === undefined || fault.method === '*'
  if (!anyMethod && fault.method !== method) return false
  return fault.path.endsWith('*') ? path.startsWith(fault.path.slice(0, -1)) : path === fault.path
}

/** The response of a fault, or null when the fault only delays or drops the request. */
export function faultResponse(
  fault: Fault,
): { status: number; headers: Record<string, string>; body: string } | null {
  if (fault.status === undefined && fault.body === undefined) return null
  const isText = typeof fault.body === 'string'
  return {
    status: fault.status ?? 200,
    headers: { 'content-type': isText ? 'text/plain' : 'application/json', ...fault.headers },
    body: isText ? (fault.body as string) : JSON.stringify(fault.body ?? {}),
  }
}
