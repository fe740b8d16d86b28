import 'server-only'
import { sql } from 'drizzle-orm'
import { database } from '../../../db/database'
import { databaseConnections } from '../../../legacy/auth0/connections'
import { legacyConfig } from '../../../legacy/config'
import { hasTeams } from '../../../team/config'
import { BackfillRefused } from '../import/backfill-refused'
import { patientCalls } from '../organizations/patience'
import { exitCodes, type Subcommand } from '../subcommand'
import { auth0Policy } from './auth0-policy'
import { comparePolicies, type PolicyRow } from './compare-policies'
import { consumerPolicy, memberPolicy } from './stytch-policy'

export const passwordPoliciesCommand: Subcommand = {
  summary:
    'compares the password policies of both sides, and says who would be asked for a new one',
  help: [],
  options: {},
  async run(_values, { print, signal }) {
    if (!legacyConfig().management) throw new BackfillRefused('management_missing')
    const connections = await databaseConnections(patientCalls({ signal }))
    const projects = [
      { name: 'users', policy: await consumerPolicy() },
      ...(hasTeams() ? [{ name: 'members', policy: await memberPolicy() }] : []),
    ]
    let isOpen = false
    for (const { name, options } of connections) {
      const policy = auth0Policy(options)
      if (!policy) {
        print(`policy_unreadable: ${name} has a password policy of an unknown form.`)
        isOpen = true
        continue
      }
      for (const project of projects) {
        const rows = comparePolicies(policy, project.policy)
        print(
          `Connection ${name}, and Stytch's project of ${project.name} (${project.policy.kind}):`,
        )
        for (const row of rows) print(tableLine(row))
        isOpen ||= rows.some(({ verdict }) => verdict === 'weaker')
      }
    }
    for (const line of resetLines(await countPasswords())) print(line)
    if (!isOpen) return exitCodes.clean
    print('policy_weaker: Stytch demands less in a rule above. See docs/backfill-organizations.md.')
    return exitCodes.needsDecision
  },
}

const tableLine = ({ rule, auth0, stytch, verdict }: PolicyRow): string =>
  `  ${rule.padEnd(28)} ${auth0.padEnd(28)} ${stytch.padEnd(32)} ${verdict}`

/** The users with a hash that a plan wants to import, or that was imported. */
async function countPasswords(): Promise<number> {
  const { rows } = (await (
    await database()
  ).execute(sql`
    select count(distinct subject)::int as count from backfill_rows
    where outcome = 'create_with_password' and state in ('planned', 'claimed', 'done')`)) as unknown as {
    rows: { count: number }[]
  }
  return rows[0]?.count ?? 0
}

const resetLines = (passwords: number): string[] => [
  '',
  `Who would be asked for a new password: at most the ${passwords} users whose hash is planned or imported.`,
  'A hash does not tell how strong its password is, and Stytch checks none at the import.',
  'Stytch asks at a sign-in, by two settings that its API for backends does not tell. Look at them in the dashboard,',
  'under "Password strength": breach detection on authentication (on by default) asks the users of leaked passwords,',
  'and validation on authentication asks those whose password is too weak for the policy.',
]
