/**
 * Which files one reads to understand a screen: its footer links to them. It is also all that /source shows of
 * the disk, so nothing may be listed here that holds a secret.
 */
export const sources = {
  home: [
    'app/page.tsx',
    'app/_tour/tours.tsx',
    'app/_tour/facts.ts',
    'lib/cutover/so-far.ts',
    'middleware.ts',
  ],
  dashboard: [
    'app/dashboard/page.tsx',
    'app/dashboard/carry-over.tsx',
    'lib/viewer.ts',
    'middleware.ts',
    'lib/cutover/verdict.ts',
    'lib/cutover/migrate.ts',
  ],
  control: [
    'app/control/page.tsx',
    'lib/cutover/policy.ts',
    'lib/cutover/figures.ts',
    'lib/cutover/sightings.ts',
  ],
  'control-policy': [
    'app/control/policy/page.tsx',
    'app/control/policy/actions.ts',
    'lib/cutover/preview.ts',
    'lib/cutover/cohort.ts',
    'lib/cutover/flag.ts',
  ],
  'control-history': ['app/control/history/page.tsx', 'lib/cutover/policy-store.ts'],
  'control-mirror': [
    'app/control/mirror/page.tsx',
    'lib/cutover/mirror/status.ts',
    'lib/cutover/mirror/drain.ts',
  ],
  'control-switch-off': [
    'app/control/switch-off/page.tsx',
    'lib/cutover/switch-off.ts',
    'lib/cutover/switch-off-lines.ts',
  ],
  login: [
    'app/login/page.tsx',
    'app/login/actions.ts',
    'app/login/legacy-flow.tsx',
    'app/login/stytch-flow.tsx',
    'lib/stytch/sign-in.ts',
    'lib/seam.ts',
  ],
  authenticate: ['app/authenticate/page.tsx', 'app/authenticate/actions.ts', 'lib/stytch/pkce.ts'],
  source: ['app/source/sources.ts', 'app/source/read-source.ts'],
} as const satisfies Record<string, readonly string[]>

export type Screen = keyof typeof sources
