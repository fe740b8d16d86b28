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
 * Waits until both runtimes, the edge and Node, decide by this version. Each one caches the policy for half a
 * second. The requests have no credentials, so that the app records no session or user that a test would count.
 * http/policy/change.spec.ts measures how soon a change is in force.
 */
export async function untilInForce(version: number, base = urls.app): Promise<void> {
  for (const deadline = Date.now() + 20_000; ; await wait(40)) {
    const versions = await policyVersions(base)
    if (versions.every((seen) => seen === version)) return
    if (Date.now() > deadline)
      throw new Error(`version ${version} is not in force after 20 s: ${versions}`)
  }
}

/** The versions of the policy by which the edge and Node decide. */
export async function policyVersions(base = urls.app): Promise<(number | undefined)[]> {
  const headers = { authorization: 'Bearer nobody' }
  const answers = await Promise.all([
    // The edge itself refuses a request without credentials.
    fetch(`${base}/api/me`),
    // This route handler runs in Node, and refuses a Bearer that is not a token.
    fetch(`${base}/api/sessions/migrate`, { method: 'POST', headers }),
  ])
  return Promise.all(answers.map(async (answer) => (await answer.json()).policyVersion))
}
