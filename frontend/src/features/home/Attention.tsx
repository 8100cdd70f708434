import { Paper, Text, Title, VisuallyHidden } from '@mantine/core'
import { IconAlertCircle, IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import type { components } from '@/api/schema'
import { useTenant } from '@/api/session'
import { Loaded } from '@/components/states'
import classes from './home.module.css'

type Notice = components['schemas']['Notice']

const PICTURES = { error: IconAlertCircle, warning: IconAlertTriangle, info: IconInfoCircle } as const
const COLORS = {
  error: 'var(--mantine-color-error)',
  warning: 'light-dark(var(--mantine-color-amber-7), var(--mantine-color-amber-3))',
  info: 'var(--mantine-color-dimmed)',
} as const

/** What somebody should look at, each with the page it is about. */
export function Attention() {
  const { t } = useTranslation('home')
  const query = $api.useQuery('get', '/api/v1/attention', {}, { refetchInterval: 60_000 })
  return (
    <Paper component="section" p="md" aria-label={t('attention')}>
      <Title order={2} size="h3" mb="xs">
        {t('attention')}
      </Title>
      <Loaded query={query} rows={2}>
        {({ results }) =>
          results.length === 0 ? (
            <Text c="dimmed" size="sm">
              {t('attentionNone')}
            </Text>
          ) : (
            <ul className={classes.rows}>
              {results.map((notice) => (
                <Row key={`${notice.kind} ${notice.path} ${notice.title}`} notice={notice} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Paper>
  )
}

function Row({ notice }: { notice: Notice }) {
  const { t } = useTranslation('home')
  const { path } = useTenant()
  const Picture = PICTURES[notice.severity]
  const [page, search] = notice.path.split('?')
  return (
    <li>
      <Link
        to={path(page)}
        search={Object.fromEntries(new URLSearchParams(search)) as never}
        className={classes.row}
      >
        <Picture size={19} stroke={1.7} color={COLORS[notice.severity]} aria-hidden />
        <span>
          <VisuallyHidden>{t(`severity_${notice.severity}`)}</VisuallyHidden>
          <Text span size="sm" className={classes.title} display="block">
            {notice.title}
          </Text>
          <Text span size="sm" c="dimmed" display="block">
            {notice.detail}
          </Text>
        </span>
      </Link>
    </li>
  )
}
