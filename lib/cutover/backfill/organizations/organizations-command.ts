import 'server-only'
import { callHelp, callOptions, countLines, rateOf } from '../import/import-command'
import {
  exitCodes,
  optionalText,
  type Subcommand,
  type Surroundings,
  UsageError,
  wholeNumber,
} from '../subcommand'
import { compareOrganizations, differenceCodes } from './compare-organizations'
import { organizationsLeftOut } from './import-organization'
import { importOrganizations } from './import-organizations'
import { membersLeftOut } from './member-facts'
import { planOrganizations } from './plan-organizations'

/** Codes that need no decision: the import creates these, or has nothing to do. */
const decided = ['organization', 'member', 'already']

/** Every code that an operator may accept. */
export const planCodes: string[] = [
  ...organizationsLeftOut,
  'organization_left_out',
  ...membersLeftOut,
  'role_unmapped',
  'role_unknown',
  ...differenceCodes,
]

export const organizationsCommand: Subcommand = {
  summary:
    'brings the organizations of Auth0 with their members and roles to Stytch: docs/backfill-organizations.md',
  help: [
    '--plan            prints what the import would do, and writes nothing. This is the default',
    '--import          creates them at Stytch. Run it again to resume, or in several processes',
    '--compare         counts the differences between both providers, and writes nothing',
    '--list            prints each difference too, with the id of the member',
    '--only ORG        the id or name at Auth0 of one organization',
    '--hashes FILE     password hashes, as Auth0 sends them on request. A resumed import knows its file',
    '--accept CODES    codes that need no decision, such as email_unverified,blocked',
    '--lease N         seconds after which another process takes the rows of a dead one. Default: 30',
    ...callHelp,
  ],
  options: {
    plan: { type: 'boolean', default: false },
    import: { type: 'boolean', default: false },
    compare: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    only: { type: 'string' },
    hashes: { type: 'string' },
    accept: { type: 'string' },
    lease: { type: 'string', default: '30' },
    ...callOptions,
  },
  run(values, surroundings) {
    const { plan, import: imports, compare } = values
    if ([plan, imports, compare].filter(Boolean).length > 1) {
      throw new UsageError('--plan, --import and --compare exclude each other.')
    }
    if (compare) return runCompare(values, surroundings)
    return imports ? runImport(values, surroundings) : runPlan(values, surroundings)
  },
}

async function runPlan(
  values: Record<string, unknown>,
  { print, progress, signal }: Surroundings,
): Promise<number> {
  const display = progress('Reading members')
  let done = 0
  try {
    const plan = await planOrganizations({
      rate: rateOf(values.rate, 60),
      only: optionalText(values.only),
      signal,
      onMember: () => display.update(++done, null),
    })
    display.end()
    for (const kind of ['organizations', 'members'] as const) {
      for (const [code, count] of Object.entries(plan[kind])) print(line(kind, code, count))
    }
    const accepted = acceptedCodes(values.accept)
    const codes = [
      ...Object.keys(plan.organizations),
      ...Object.keys(plan.members),
      ...unmappedLines(plan.unmappedRoles, print),
      ...(plan.unknownRoles.length > 0 ? ['role_unknown'] : []),
    ]
    const open = [...new Set(codes)].filter((code) => ![...decided, ...accepted].includes(code))
    if (plan.unknownRoles.length > 0) {
      print(`role_unknown: Stytch has no role ${plan.unknownRoles.join(', ')}.`)
    }
    if (open.length === 0) return exitCodes.clean
    print(`Decide about: ${open.join(', ')}. See docs/backfill-organizations.md.`)
    return exitCodes.needsDecision
  } finally {
    display.end()
  }
}

async function runImport(
  values: Record<string, unknown>,
  { print, progress, folder, signal }: Surroundings,
): Promise<number> {
  const display = progress('Importing members')
  let done = 0
  try {
    const result = await importOrganizations({
      rate: rateOf(values.rate, 60),
      live: values.live === true,
      only: optionalText(values.only),
      hashes: { path: optionalText(values.hashes), folder },
      leaseMilliseconds: wholeNumber(values.lease, 'lease', [1, 600]) * 1_000,
      signal,
      onRow({ state }) {
        if (state !== 'planned') done += 1
        display.update(done, null)
      },
    })
    display.end()
    for (const line of countLines(result.counts)) print(line)
    if (result.unstorable > 0) print(line('skipped', 'external_id_impossible', result.unstorable))
    unmappedLines(result.unmappedRoles, print)
    print(result.isDone ? 'Every member is settled.' : 'Run the command again to resume.')
    const isClean = result.isDone && result.counts.failed === undefined
    return isClean ? exitCodes.clean : exitCodes.needsDecision
  } finally {
    display.end()
  }
}

async function runCompare(
  values: Record<string, unknown>,
  { print, signal }: Surroundings,
): Promise<number> {
  const accepted = acceptedCodes(values.accept)
  const counts = await compareOrganizations({
    rate: rateOf(values.rate, 60),
    only: optionalText(values.only),
    signal,
    onDifference({ code, organization, id }) {
      if (values.list) print(`${code} ${organization} ${id}`)
    },
  })
  for (const [code, count] of Object.entries(counts)) print(line('differences', code, count))
  const open = Object.keys(counts).filter((code) => !accepted.includes(code))
  if (open.length === 0) return exitCodes.clean
  print(`Decide about: ${open.join(', ')}. See docs/backfill-organizations.md.`)
  return exitCodes.needsDecision
}

/** @throws {UsageError} for a code that no plan prints */
function acceptedCodes(value: unknown): string[] {
  const codes = (optionalText(value) ?? '').split(',').filter(Boolean)
  const unknown = codes.find((code) => !planCodes.includes(code))
  if (unknown !== undefined) throw new UsageError(`--accept does not know "${unknown}".`)
  return codes
}

const line = (kind: string, code: string, count: number): string =>
  `${kind.padEnd(14)} ${code.padEnd(29)} ${String(count).padStart(9)}`

/** @returns the code of the lines, if there is one */
function unmappedLines(
  unmapped: ReadonlyMap<string, number>,
  print: (text: string) => void,
): string[] {
  for (const [name, members] of unmapped) {
    print(
      `role_unmapped: ORGANIZATION_ROLES does not map "${name}", which ${members} members have.`,
    )
  }
  return unmapped.size > 0 ? ['role_unmapped'] : []
}
