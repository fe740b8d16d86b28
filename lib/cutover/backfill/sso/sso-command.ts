import 'server-only'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { organizationsToMove, requireOrganizations } from '../organizations/organizations-run'
import { patientCalls } from '../organizations/patience'
import { exitCodes, optionalText, type Subcommand } from '../subcommand'
import { handOverOf } from './hand-over'
import { handOverPage } from './hand-over-page'

export const ssoCommand: Subcommand = {
  summary: 'writes a page for each customer with single sign-on, about what has to be handed over',
  help: ['--only ORG        the id or name at Auth0 of one organization'],
  options: { only: { type: 'string' } },
  async run(values, { print, progress, folder, signal }) {
    requireOrganizations()
    const patience = patientCalls({ signal })
    const target = join(folder, 'sso')
    await mkdir(target, { recursive: true, mode: 0o700 })
    const display = progress('Reading organizations')
    let read = 0
    const written: string[] = []
    const impossible: string[] = []
    try {
      for await (const organization of organizationsToMove(optionalText(values.only), patience)) {
        const handOver = await handOverOf(organization, patience)
        display.update(++read, null)
        if (!handOver) continue
        // The names of organizations at Auth0 have no other characters. A path must not depend on that.
        const name = join(target, organization.name.replace(/[^a-z0-9_-]/g, '_'))
        await writeFile(`${name}.md`, handOverPage(handOver), { mode: 0o600 })
        await writeFile(`${name}.json`, `${JSON.stringify(handOver, null, 2)}\n`, { mode: 0o600 })
        written.push(organization.name)
        if (handOver.connections.some(({ protocol }) => protocol === 'none')) {
          impossible.push(organization.name)
        }
      }
      display.end()
      print(`${written.length} of ${read} organizations have single sign-on: ${target}`)
      if (impossible.length === 0) return exitCodes.clean
      print(
        `sso_impossible: Stytch cannot connect an identity provider of ${impossible.join(', ')}.`,
      )
      return exitCodes.needsDecision
    } finally {
      display.end()
    }
  },
}
