import { Card } from '@/app/_ui/card'
import { switchTeam } from '../switch-action'
import { TeamList } from './team-list'

type Props = { title: string; teams: { slug: string; name: string }[] }

/** Other teams of the same person, each with a button that switches to it. */
export const SwitchCard = ({ title, teams }: Props) => (
  <Card title={title}>
    <TeamList
      field="team"
      action={switchTeam}
      teams={teams.map(({ slug, name }) => ({
        value: slug,
        name,
        note: `/team/${slug}`,
        action: 'Switch',
      }))}
    />
  </Card>
)
