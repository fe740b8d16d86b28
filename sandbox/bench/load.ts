import { Agent, request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { portOf, restart, type Variant } from './variants.ts'

/** The measurements of `npm run bench`: latency, throughput and the size of scripts. */

/** A request with the cookies that a browser would send. */
export type Ask = { path: string; cookie: string }

const agents = new Map<Variant, Agent>()

/** @returns the duration of the request in milliseconds */
function get(variant: Variant, { path, cookie }: Ask): Promise<number> {
  const started = performance.now()
  const agent = agents.get(variant) ?? new Agent({ keepAlive: true })
  agents.set(variant, agent)
  const options = { host: 'localhost', port: portOf(variant), path, headers: { cookie }, agent }
  return new Promise((resolve, reject) => {
    request(options, (response) => {
      if (response.statusCode !== 200)
        reject(new Error(`${variant} ${path}: status ${response.statusCode}`))
      response.resume().on('end', () => resolve(performance.now() - started))
    })
      .on('error', reject)
      .end()
  })
}

const median = (numbers: number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN

/** The median latencies of two variants. The requests alternate, so that other load on the machine slows both. */
export async function latencies(a: Variant, b: Variant, ask: Ask) {
  const times: Record<string, number[]> = { [a]: [], [b]: [] }
  for (let n = 0; n < 2_400; n += 1) {
    for (const variant of n % 2 ? [a, b] : [b, a]) {
      const taken = await get(variant, ask)
      // The first requests are slow, because no code is compiled and no cache is filled.
      if (n >= 200) times[variant]?.push(taken)
    }
  }
  return [median(times[a] ?? []), median(times[b] ?? [])] as const
}

/**
 * The servers are started anew so many times. A server is some percent faster or slower for as long as it runs, as the
 * compiler and the memory happened to fall out. One start each would measure that, and not the middleware.
 */
const starts = 6
/** The rounds of each start, and the rounds before them that do not count. */
const rounds = 8
const warmUpRounds = 4
const clients = 10
/**
 * A round lasts about a second. Shorter rounds would measure the start of the load: the first requests find cold
 * processor caches, and the middleware fetches the policy once in each round.
 */
const requestsOfClient = 100

/** The requests a second of each variant in each round. A round puts the same load on one variant after another. */
export async function throughputs<V extends Variant>(
  variants: readonly V[],
  ask: Ask,
): Promise<Record<V, number[]>> {
  const rates = Object.fromEntries(variants.map((name) => [name, [] as number[]])) as Record<
    V,
    number[]
  >
  for (let n = 0; n < starts * (warmUpRounds + rounds); n += 1) {
    const round = n % (warmUpRounds + rounds)
    if (round === 0) for (const variant of variants) await restart(variant)
    for (const variant of round % 2 ? variants : variants.toReversed()) {
      const started = performance.now()
      const client = async () => {
        for (let n = 0; n < requestsOfClient; n += 1) await get(variant, ask)
      }
      await Promise.all(Array.from({ length: clients }, client))
      const seconds = (performance.now() - started) / 1_000
      if (round >= warmUpRounds) rates[variant].push((clients * requestsOfClient) / seconds)
    }
  }
  return rates
}

/** The median over all rounds. */
export const rate = (rates: number[]): number => median(rates)

/**
 * The ratio of the rates, as the mean over all starts of the median over the rounds of a start. Other load in a round
 * slows both sides of its ratio.
 */
export function ratio(rates: number[], others: number[]): number {
  const ratios = rates.map((each, round) => each / (others[round] ?? Number.NaN))
  const ofStarts = Array.from({ length: starts }, (_, start) =>
    median(ratios.slice(start * rounds, (start + 1) * rounds)),
  )
  return ofStarts.reduce((sum, each) => sum + each, 0) / starts
}

/** The compressed size of all scripts of a page, in bytes. */
export async function scriptBytes(variant: Variant, { path, cookie }: Ask): Promise<number> {
  const base = `http://localhost:${portOf(variant)}`
  const html = await (await fetch(base + path, { headers: { cookie } })).text()
  const tags = html.matchAll(/<script[^>]+src="([^"]+)"(?![^>]*nomodule)/gi)
  const sources = new Set([...tags].map(([, source]) => source as string))
  const sizes = await Promise.all(
    [...sources].map(async (source) => {
      const script = await (await fetch(base + source)).arrayBuffer()
      return gzipSync(Buffer.from(script)).length
    }),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
