/**
 * The files that implement each screen. The footer links to them, and /source serves only these files, so never
 * list a file with a secret.
 */
export const sources = {
  home: [
    'app/(cutover)/page.tsx',
    'app/(cutover)/_tour/tours.tsx',
    'app/(cutover)/_tour/tour-state.ts',
    'lib/cutover/observability/migration-progress.ts',
    'middleware.ts',
  ],
  dashboard: [
    'app/(consumer)/dashboard/page.tsx',
    'app/(cutover)/_dashboard/session-migration-status.tsx',
    'lib/viewer.ts',
    'middleware.ts',
    'lib/cutover/routing/verdict.ts',
    'lib/cutover/migration/carry-over.ts',
  ],
  control: [
    'app/(cutover)/control/page.tsx',
    'lib/cutover/policy/document.ts',
    'lib/cutover/observability/figures.ts',
    'lib/cutover/observability/sightings.ts',
  ],
  'control-policy': [
    'app/(cutover)/control/policy/page.tsx',
    'app/(cutover)/control/policy/actions.ts',
    'lib/cutover/policy/preview.ts',
    'lib/cutover/cohort/rules.ts',
    'lib/cutover/cohort/flag.ts',
  ],
  'control-organizations': [
    'app/(cutover)/control/organizations/page.tsx',
    'app/(cutover)/control/organizations/actions.ts',
    'lib/cutover/team/organization-move.ts',
    'lib/cutover/team/organization-overview.ts',
    'lib/cutover/policy/organization-aliases.ts',
  ],
  'control-history': ['app/(cutover)/control/history/page.tsx', 'lib/cutover/policy/store.ts'],
  'control-mirror': [
    'app/(cutover)/control/mirror/page.tsx',
    'lib/cutover/mirror/status.ts',
    'lib/cutover/mirror/drain.ts',
  ],
  'control-backfill': [
    'app/(cutover)/control/backfill/page.tsx',
    'lib/cutover/backfill/run-status.ts',
    'lib/cutover/backfill/import/pause.ts',
    'lib/cutover/backfill/import/import.ts',
  ],
  'control-switch-off': [
    'app/(cutover)/control/switch-off/page.tsx',
    'lib/cutover/switch-off/check.ts',
    'lib/cutover/switch-off/checklist.ts',
  ],
  'in-house-login': [
    'app/(cutover)/auth/login/page.tsx',
    'app/(cutover)/auth/login/actions.ts',
    'app/(cutover)/api/legacy/userinfo/route.ts',
    'lib/legacy/provider.ts',
    'lib/legacy/in-house/session.ts',
    'lib/legacy/in-house/exchange-token.ts',
  ],
  login: [
    'app/(consumer)/login/page.tsx',
    'app/(consumer)/login/actions.ts',
    'app/(cutover)/_login/legacy-flow.tsx',
    'app/(consumer)/login/stytch-flow.tsx',
    'lib/stytch/sign-in.ts',
    'lib/rate-limit/limits.ts',
    'lib/seam.ts',
  ],
  authenticate: [
    'app/(consumer)/authenticate/page.tsx',
    'app/(consumer)/authenticate/actions.ts',
    'lib/token/pkce.ts',
  ],
  team: [
    'app/team/[slug]/page.tsx',
    'app/team/[slug]/members/page.tsx',
    'lib/team/member.ts',
    'lib/team/membership.ts',
  ],
  'team-login': [
    'app/team/[slug]/login/page.tsx',
    'app/team/login/page.tsx',
    'app/team/login/actions.ts',
    'lib/team/stytch/discovery.ts',
    'lib/team/stytch/sign-in.ts',
    'lib/team/seam.ts',
  ],
  source: ['app/source/sources.ts', 'app/source/read-source.ts'],
} as const satisfies Record<string, readonly string[]>

export type Screen = keyof typeof sources
