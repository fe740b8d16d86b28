import { setTimeout as wait } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { urls } from '../../sandbox/settings.ts'
import { controlToken } from './real-stytch.ts'

/** Changes the policy as an operator does, and waits until the app decides by it. */

export type Preset = 'before-the-migration' | 'zero-downtime' | 'all-at-once'
const presets: Record<Preset, object> = {
  'before-the-migration': { cohort: 'nobody', carrySessions: false, note: '' },
  'zero-downtime': { cohort: 'everybody', carrySessions: true, note: '' },
  'all-at-once': { cohort: 'everybody', carrySessions: false, note: '' },
}

/**
 * Puts a policy in force and waits until both runtimes have it. Changes nothing if it is in force already.
 * @returns the version in force
 */
export async function putPolicy(policy: Preset | object): Promise<number> {
  const wanted = typeof policy === 'string' ? presets[policy as Preset] : policy
  const { version: current, ...dials } = await policyApi('GET')
  const version = isDeepStrictEqual(dials, wanted)
    ? current
    : (await policyApi('PUT', wanted)).version
  await untilInForce(version)
  return version
}

async function policyApi(method: 'GET' | 'PUT', body?: object): Promise<{ version: number }> {
  const response = await fetch(`${urls.app}/api/policy`, {
    method,
    headers: {
      authorization: `Bearer ${controlToken}`,
      'content-type': 'application/json',
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  if (!response.ok)
    throw new Error(`The policy API answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as { version: number }
}

/**
 * Waits until both runtimes, the edge and Node, decide by this version. Each one caches the policy for a second.
 * The requests have no credentials, so that the app records no session or user that a test would count.
 * http/policy/change.spec.ts measures how soon a change is in force.
 */
export async function untilInForce(version: number, base = urls.app): Promise<void> {
  await Promise.all([edgeVersion, nodeVersion].map((read) => untilRead(version, () => read(base))))
}

async function untilRead(version: number, read: () => Promise<number | undefined>): Promise<void> {
  // Shorter pauses would find the change hardly sooner, and take CPU time from the tests beside this one.
  for (const deadline = Date.now() + 20_000; ; await wait(100)) {
    const seen = await read()
    if (seen === version) return
    if (Date.now() > deadline)
      throw new Error(`version ${version} is not in force after 20 s: ${seen}`)
  }
}

/** The versions of the policy by which the edge and Node decide. */
export const policyVersions = (base = urls.app): Promise<(number | undefined)[]> =>
  Promise.all([edgeVersion(base), nodeVersion(base)])

/** The edge itself refuses a request without credentials. */
const edgeVersion = (base: string) => versionOf(fetch(`${base}/api/me`))

/** This route handler runs in Node, and refuses a Bearer that is not a token. */
const nodeVersion = (base: string) =>
  versionOf(
    fetch(`${base}/api/sessions/migrate`, {
      method: 'POST',
      headers: { authorization: 'Bearer nobody' },
    }),
  )

const versionOf = async (answer: Promise<Response>): Promise<number | undefined> =>
  (await (await answer).json()).policyVersion
