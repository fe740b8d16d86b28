import { demoDatabaseUrl } from './demo-database.ts'
import { onStopRequest, startNode, stopAll } from './processes.ts'
import { appEnvironment, inHouseEnvironment, isInHouse } from './settings.ts'

/**
 * `npm run demo:backfill` is `npm run backfill` with the environment of the demo, which has no `.env-test`. The demo must
 * be running, with the same ports and the same LEGACY_PROVIDER.
 */

const databaseUrl = process.env.DATABASE_URL || demoDatabaseUrl()
if (!databaseUrl) {
  console.error('There is no demo here. Start one in another terminal: npm run demo')
  process.exit(1)
}

onStopRequest(async () => {
  await stopAll()
  process.exit(130)
})

const command = startNode('backfill', ['lib/cutover/backfill/run.mjs', ...process.argv.slice(2)], {
  env: {
    ...process.env,
    ...appEnvironment,
    ...(isInHouse && inHouseEnvironment),
    DATABASE_URL: databaseUrl,
  },
  show: 'all',
})
process.exitCode = await command.ended
