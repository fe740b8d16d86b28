import type { ConnectionHandOver, HandOver } from './hand-over'

/** The hand-over of one customer as a page in Markdown. */
export function handOverPage({ organization, connections, roles }: HandOver): string {
  const { slug, name, legacyId, stytchId } = organization
  return [
    `# Single sign-on of ${text(name)}`,
    '',
    'This page has no secret. Send the customer what it says, and nothing from the dashboard of Auth0.',
    '',
    `- Organization: \`${slug}\`, at Auth0 \`${legacyId}\``,
    `- At Stytch: ${stytchId ? `\`${stytchId}\`` : 'not yet. Import it first: `npm run backfill -- organizations`'}`,
    ...connections.flatMap((each) => ['', ...connectionLines(each, roles)]),
    '',
    ...stepLines(connections),
    '',
    ...notCopiedLines(connections),
    '',
  ]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
}

/** Names come from Auth0, whose admins choose them. They must not become markup. */
const text = (value: string): string =>
  value.replace(/[\r\n]+/g, ' ').replace(/[\\`*_[\]<>|#!]/g, '\\$&')
/** A bar would end the cell of a table, also within code. What follows would become markup. */
const code = (value: string): string =>
  `\`${value.replace(/[`\r\n]/g, '').replaceAll('|', '\\|')}\``

function connectionLines(connection: ConnectionHandOver, roles: HandOver['roles']): string[] {
  const { displayName, name, strategy, protocol, domains } = connection
  return [
    `## ${text(displayName)}`,
    '',
    `Connection ${code(name)} at Auth0, strategy ${code(strategy)}. ${kinds[protocol]}`,
    '',
    '| | |',
    '| --- | --- |',
    ...Object.entries(connection.endpoints).map(([key, url]) => `| ${key} | ${code(url)} |`),
    `| domains | ${domains.length > 0 ? domains.map(code).join(', ') : 'none at Auth0. Ask the customer'} |`,
    ...connection.certificates.map(
      ({ sha256, expires }) =>
        `| certificate of the identity provider | ${code(sha256)}, expires ${expires} |`,
    ),
    `| SCIM | ${connection.hasScim ? 'yes' : 'no'} |`,
    `| a login makes a user a member | ${connection.joinsOnLogin ? 'yes' : 'no'} |`,
    '',
    ...changeLines(connection),
    '',
    ...attributeLines(connection),
    '',
    ...groupLines(connection, roles),
  ]
}

const kinds = {
  saml: 'At Stytch this is a SAML connection.',
  oidc: 'At Stytch this is an OIDC connection.',
  none: 'Stytch has no counterpart.',
}

function changeLines({ atAuth0, idpInitiated }: ConnectionHandOver): string[] {
  if (!atAuth0) {
    return [
      'The customer must connect an identity provider that speaks SAML or OIDC, such as Microsoft Entra or AD FS.',
      'Until then, its members sign in by a code or link. Keep the organization at Auth0 if they may not.',
    ]
  }
  const head = ['The customer changes this in the application of its identity provider:', '']
  if ('redirectUrl' in atAuth0) {
    return [
      ...head,
      '| setting | now | at Stytch |',
      '| --- | --- | --- |',
      `| redirect URL | ${code(atAuth0.redirectUrl)} | \`redirect_url\` of the new connection |`,
      '| client secret | known to Auth0 | a new one, which the customer makes and enters at Stytch |',
    ]
  }
  return [
    ...head,
    '| setting | now | at Stytch |',
    '| --- | --- | --- |',
    `| ACS URL | ${code(atAuth0.acsUrl)} | \`acs_url\` of the new connection |`,
    `| audience, entity id | ${code(atAuth0.audience)}, unless the connection has its own | \`audience_uri\` of the new connection |`,
    '| certificate of signed requests | Auth0’s | `signing_certificates` of the new connection: Stytch signs with its own key |',
    ...(idpInitiated
      ? [
          '| tile of the portal (IdP-initiated) | opens Auth0 | opens Stytch after the change of the ACS URL |',
        ]
      : []),
    '',
    'If the customer cannot change both at once, `alternative_acs_url` and `alternative_audience_uri` keep the old values.',
    'This needs an old ACS URL at your own domain, whose requests you forward to Stytch.',
  ]
}

/** The names at Stytch. A SAML connection needs the address, and one name or two. */
const stytchNames: ReadonlyMap<string, string> = new Map([
  ['email', 'email'],
  ['name', 'full_name'],
  ['given_name', 'first_name'],
  ['family_name', 'last_name'],
  ['groups', 'groups'],
])

function attributeLines({ attributes, protocol }: ConnectionHandOver): string[] {
  if (protocol === 'none') return []
  const rows = Object.entries(attributes).filter(([field]) => stytchNames.has(field))
  const others = Object.keys(attributes).filter((field) => !stytchNames.has(field))
  return [
    rows.length > 0
      ? 'Attributes, for `attribute_mapping`:'
      : 'Auth0 uses its default attributes. Enter those of the identity provider in `attribute_mapping`: `email` and `full_name`, or `first_name` and `last_name`.',
    ...(rows.length > 0
      ? ['', '| at Stytch | attribute of the identity provider |', '| --- | --- |']
      : []),
    ...rows.map(
      ([field, attribute]) => `| ${code(stytchNames.get(field) ?? field)} | ${code(attribute)} |`,
    ),
    ...(others.length > 0
      ? [
          '',
          `Stytch has no field for ${others.map(code).join(', ')}. They may go to the trusted metadata.`,
        ]
      : []),
  ]
}

function groupLines(
  { attributes, protocol }: ConnectionHandOver,
  roles: HandOver['roles'],
): string[] {
  if (protocol === 'none') return []
  const mapped = Object.entries(roles)
  return [
    `Groups: ${attributes.groups ? `the attribute is ${code(attributes.groups)}.` : 'Auth0 maps no attribute with groups.'}`,
    'Auth0 gives roles by the user or by an Action, which this page cannot read. Ask the customer which group has which role,',
    'and enter each pair in the connection’s group role assignments.',
    ...(mapped.length > 0
      ? [
          '',
          '| role at Auth0 | role at Stytch |',
          '| --- | --- |',
          ...mapped.map(([from, to]) => `| ${code(from)} | ${code(to)} |`),
        ]
      : []),
  ]
}

function stepLines(connections: ConnectionHandOver[]): string[] {
  const hasScim = connections.some((each) => each.hasScim)
  const joinsOnLogin = connections.some((each) => each.joinsOnLogin)
  const steps = [
    'Create the connection in the organization at Stytch. It gives the values of the table above. Nobody is affected.',
    'The customer adds a second application for Stytch at its identity provider, and gives it to one test user. The application for Auth0 stays as it is.',
    'The customer sends its metadata or its certificate, and enters a client secret at Stytch itself.',
    ...(joinsOnLogin
      ? [
          'Auth0 makes each user a member who logs in. Allow `sso_jit_provisioning` for the new connection if that shall stay.',
        ]
      : []),
    'A test user who is a member already signs in at Stytch. Check that it is the same member, with the same address and roles. If the app answers `session_unproved`, read docs/backfill-organizations.md before you go on.',
    'The customer assigns the new application to everybody. Move the organization on `/control/organizations`.',
    ...(hasScim
      ? [
          'The customer makes a SCIM connection to Stytch with a new token. Try it with the test user first, and check that Stytch makes no second member. Stop SCIM to Auth0 at the switch-off.',
        ]
      : []),
    'Keep the connection at Auth0 until the switch-off.',
  ]
  return [
    '## Steps',
    '',
    ...steps.map((step, index) => `${index + 1}. ${step}`),
    '',
    'Way back: move the organization back on `/control/organizations`. The next login is at Auth0, whose application the customer still has. Sessions at Stytch go on.',
  ]
}

function notCopiedLines(connections: ConnectionHandOver[]): string[] {
  const has = (test: (each: ConnectionHandOver) => boolean): boolean => connections.some(test)
  return [
    '## What cannot be copied',
    '',
    '- The private key that Auth0 signs requests with. Auth0 never gives it away, and Stytch signs with its own.',
    ...(has(({ encryptsAssertions }) => encryptsAssertions)
      ? [
          '- The private key for encrypted assertions. Make a new pair at Stytch, and send the customer the certificate.',
        ]
      : []),
    ...(has(({ protocol }) => protocol === 'oidc')
      ? ['- The client secret. A secret that two parties know cannot be revoked for one of them.']
      : []),
    ...(has(({ hasScim }) => hasScim)
      ? [
          '- The SCIM token, which Auth0 shows once, and the ids that Auth0 gave to the users of SCIM.',
        ]
      : []),
    '- The link between a user and the identity provider. Each user gets a new one at the first sign-in.',
  ]
}
