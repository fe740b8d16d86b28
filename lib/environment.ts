import { z } from 'zod'

/** The environment is invalid. `problems` names every wrong variable and says how to correct it. */
export class ConfigError extends Error {
  readonly code = 'config_invalid'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`The environment is invalid:\n${problems.map((p) => `  - ${p}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

export type Environment = Record<string, string | undefined>

/** A variable that must be set. `hint` says where to find its value. */
export const required = (hint: string) =>
  z.string({ error: `is missing: ${hint}` }).min(1, `is empty: ${hint}`)

/** A secret that must be set, and too long to guess. */
export const secret = (hint: string) =>
  required(hint).min(32, 'is shorter than 32 characters: make one with `openssl rand -hex 32`')

/**
 * Secrets that are accepted at the same time, so that they can be rotated. The first one is used to make something new.
 * They are separated by commas or line breaks.
 */
export const secretList = (hint: string) =>
  required(hint)
    .transform((text) =>
      text
        .split(/[,\n]/)
        .map((item) => item.trim())
        .filter(Boolean),
    )
    .pipe(
      z
        .tuple([z.string()], z.string())
        .refine((secrets) => secrets.every((item) => item.length >= 32), {
          error:
            'has a secret shorter than 32 characters: make one with `openssl rand -hex 32`. Commas separate the secrets of a list',
        })
        // Each secret costs time for each forged cookie.
        .refine((secrets) => secrets.length <= 4, { error: 'has more than four secrets' }),
    )

/** An optional URL. The value is the empty string when it is not set. */
export const optionalUrl = z.union([z.literal(''), z.url()]).default('')

/**
 * Parses environment variables with a schema.
 * @param contradictions finds values that are valid each, but contradict each other
 * @throws {ConfigError} naming every variable that is missing, malformed or contradicts another
 */
export function parseEnvironment<T extends z.ZodObject>(
  schema: T,
  source: Environment,
  contradictions: (env: z.infer<T>) => string[],
): z.infer<T> {
  const parsed = schema.safeParse(source)
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`),
    )
  }
  const problems = contradictions(parsed.data)
  if (problems.length > 0) throw new ConfigError(problems)
  return parsed.data
}

/** True for a URL on localhost. Other names of this machine, such as 127.0.0.1, do not count. */
export function isLocalhost(value: string): boolean {
  try {
    return new URL(value).hostname === 'localhost'
  } catch {
    return false
  }
}

/**
 * Checks the hosts that this app sends tokens to.
 * In the sandbox each must be on localhost. Outside the sandbox each must be on localhost or use https.
 * @param hosts URLs by the name of their variable. An empty one is not checked.
 */
export function insecureHosts(hosts: Record<string, string>, sandbox: boolean): string[] {
  return Object.entries(hosts).flatMap(([name, value]) => {
    if (!value || isLocalhost(value)) return []
    if (sandbox) return [`${name} must be on localhost while SANDBOX is true`]
    if (/^https:/i.test(value)) return []
    return [`${name} must use https, unless it is on localhost: tokens would be sent unencrypted`]
  })
}
