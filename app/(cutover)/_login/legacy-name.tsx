import { legacyName } from '@/lib/legacy/config'

/** The name of the legacy provider, in a text. */
export const LegacyName = () => <>{legacyName()}</>
