import { Anchor, Group, Paper, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useLiveCalls } from '@/api/live'
import { useTenant } from '@/api/session'
import { DirectionIcon, StateBadge } from '@/components/call/badges'
import { Phone } from '@/components/format'
import classes from './home.module.css'

const MOST = 6

/** The calls that run, as the live socket tells. */
export function RunningNow() {
  const { t } = useTranslation('home')
  const { path } = useTenant()
  const { calls } = useLiveCalls()
  const running = calls.filter(({ state, item }) => state !== 'ended' && item)
  return (
    <Paper component="section" p="md" aria-label={t('running')}>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h3">
          {t('running')}
          {running.length > 0 && (
            <Text span inherit c="dimmed" fw={400} ml={8} className="tl-mono">
              {running.length}
            </Text>
          )}
        </Title>
        <Anchor component={Link} to={path('calls/live')} size="sm">
          {t('toLive')}
        </Anchor>
      </Group>
      {running.length === 0 && (
        <Text c="dimmed" size="sm">
          {t('runningNone')}
        </Text>
      )}
      <ul className={classes.rows}>
        {running.slice(0, MOST).map(({ id, state, item }) => (
          <li key={id}>
            <Link to={path(`calls/${id}`)} className={classes.row}>
              <DirectionIcon direction={item!.direction} />
              <Group justify="space-between" gap="xs">
                <span className={classes.title}>
                  <Phone number={item!.direction === 'outbound' ? item!.to_number : item!.from_number} />
                </span>
                <Text span size="sm" c="dimmed">
                  {item!.agent_name && t('runningWith', { agent: item!.agent_name })}
                </Text>
                <StateBadge state={state} />
              </Group>
            </Link>
          </li>
        ))}
      </ul>
    </Paper>
  )
}
