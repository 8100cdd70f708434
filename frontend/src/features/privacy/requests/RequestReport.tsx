/** What was found of a person, or went. */
import { Alert, Anchor, List, Stack, Text } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useTenant } from '@/api/session'
import { count } from '@/components/format'
import type { PersonRequest } from '../data'
import classes from '../privacy.module.css'
import { type Left, nameOf, pageOf, reportOf } from './report'

export function RequestReport({ request }: { request: PersonRequest }) {
  const { t } = useTranslation('privacy')
  const { lines, files, left, missing } = reportOf(request.report)
  const over = request.state === 'done'
  return (
    <Stack gap="sm" className={classes.inner}>
      {request.problem && (
        <Text size="sm" c="var(--mantine-color-error)">
          {request.problem}
        </Text>
      )}
      {request.state === 'held' && <Text size="sm">{t('heldNext')}</Text>}
      {lines.length > 0 ? (
        <dl className={classes.facts}>
          {lines.map(({ name, rows }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="tl-mono">{count(rows)}</dd>
            </div>
          ))}
          {files > 0 && (
            <div>
              <dt>{t('reportFiles')}</dt>
              <dd className="tl-mono">{count(files)}</dd>
            </div>
          )}
        </dl>
      ) : (
        <Text size="sm" c="dimmed">
          {t(over ? 'reportNothing' : 'noReport')}
        </Text>
      )}
      {missing > 0 && <Text size="sm">{t('reportMissing', { count: missing })}</Text>}
      <StillWritten left={left} />
      {over && request.kind === 'deletion' && (
        <Text size="xs" c="dimmed">
          {t('deletionKeeps')}
        </Text>
      )}
    </Stack>
  )
}

/** What people wrote themselves nobody else changes. */
function StillWritten({ left }: { left: readonly Left[] }) {
  const { t } = useTranslation('privacy')
  const { path } = useTenant()
  if (left.length === 0) return null
  return (
    <Alert color="amber" icon={<IconInfoCircle size={18} />} title={t('leftTitle')}>
      <List size="sm">
        {left.map((place) => {
          const page = pageOf(place)
          return (
            <List.Item key={place.what + place.id}>
              {page ? (
                <Anchor component={Link} to={path(page)} size="sm">
                  {nameOf(place)}
                </Anchor>
              ) : (
                nameOf(place)
              )}{' '}
              <Text span size="xs" c="dimmed" className="tl-mono">
                {place.id}
              </Text>
            </List.Item>
          )
        })}
      </List>
    </Alert>
  )
}
