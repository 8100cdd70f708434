import { Anchor, Group, Paper, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useTenant } from '@/api/session'
import { isFault } from '@/components/call/badges'
import { count, share } from '@/components/format'
import classes from './home.module.css'
import { type CallStats, outcomes } from './stats'

/** How calls ended, in words; each leads to those calls. */
export function Outcomes({ all }: { all: CallStats['outcomes'] }) {
  const { t } = useTranslation('home')
  const { path } = useTenant()
  const rows = outcomes(all)
  return (
    <Paper component="section" p="md" aria-label={t('outcomes')}>
      <Title order={2} size="h3" mb="sm">
        {t('outcomes')}
      </Title>
      {rows.length === 0 && (
        <Text c="dimmed" size="sm">
          {t('outcomesNone')}
        </Text>
      )}
      <ul className={classes.outcomes}>
        {rows.map((row) => (
          <li key={row.end_reason}>
            <Group justify="space-between" gap="xs" wrap="nowrap" align="baseline">
              <Anchor
                component={Link}
                size="sm"
                to={path('calls')}
                search={{ end_reason: [row.end_reason] } as never}
              >
                {row.words}
              </Anchor>
              <Text size="sm" className="tl-mono" style={{ whiteSpace: 'nowrap' }}>
                {count(row.calls)}
                <Text span inherit c="dimmed">
                  {` ${share(row.share)}`}
                </Text>
              </Text>
            </Group>
            <div className={classes.track} data-fault={isFault(row.end_reason) || undefined} aria-hidden>
              <span style={{ width: `${100 * row.share}%` }} />
            </div>
          </li>
        ))}
      </ul>
    </Paper>
  )
}
