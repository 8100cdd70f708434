import { ActionIcon, Anchor, Badge, Collapse, Progress, Stack, Table, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronRight } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { currentTenant } from '@/api/client'
import { exactTime, phone, Phone, share, Time } from '@/components/format'
import type { PersonRequest } from '../data'
import classes from '../privacy.module.css'
import { size } from '../size'
import { RequestReport } from './RequestReport'

const COLORS: Record<PersonRequest['state'], string> = {
  waiting: 'amber',
  running: 'amber',
  held: 'red',
  done: 'petrol',
  failed: 'red',
}

export function RequestRows({ request }: { request: PersonRequest }) {
  const { t } = useTranslation('privacy')
  const [opened, { toggle }] = useDisclosure()
  const number = request.phone_number ? phone(request.phone_number) : t('numberErased')
  return (
    <>
      <Table.Tr onClick={toggle} className={classes.row}>
        <Table.Td>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-expanded={opened}
            aria-label={t('requestOf', { number })}
            onClick={(event) => {
              event.stopPropagation()
              toggle()
            }}
          >
            <IconChevronRight size={16} className={classes.chevron} data-opened={opened || undefined} />
          </ActionIcon>
        </Table.Td>
        <Table.Td>
          {request.phone_number ? <Phone number={request.phone_number} /> : t('numberErased')}
          <Text size="xs" c="dimmed" hiddenFrom="sm">
            {t(`requestKind.${request.kind}`)}
          </Text>
          {request.note && (
            <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {request.note}
            </Text>
          )}
        </Table.Td>
        <Table.Td visibleFrom="sm">{t(`requestKind.${request.kind}`)}</Table.Td>
        <Table.Td>
          <State request={request} />
        </Table.Td>
        <Table.Td visibleFrom="sm">
          <Time at={request.created_at} />
        </Table.Td>
      </Table.Tr>
      <Table.Tr className={classes.details} data-opened={opened || undefined}>
        <Table.Td colSpan={5} p={0}>
          <Collapse expanded={opened}>{opened && <RequestReport request={request} />}</Collapse>
        </Table.Td>
      </Table.Tr>
    </>
  )
}

function State({ request }: { request: PersonRequest }) {
  const { t } = useTranslation('privacy')
  const { state, progress, kind } = request
  const going = state === 'running' || state === 'waiting'
  return (
    <Stack gap={4} align="flex-start">
      <Badge color={COLORS[state]}>{t(`requestState.${state}`)}</Badge>
      {going && (
        <Progress w={110} value={100 * progress} aria-label={t('progressOf', { share: share(progress) })} />
      )}
      {kind === 'export' && state === 'done' && <Download request={request} />}
    </Stack>
  )
}

function Download({ request }: { request: PersonRequest }) {
  const { t } = useTranslation('privacy')
  const { id, size_bytes, expires_at } = request
  if (!expires_at || new Date(expires_at) < new Date())
    return (
      <Text size="xs" c="dimmed">
        {t('fileGone')}
      </Text>
    )
  return (
    <div>
      <Anchor
        href={`/api/v1/privacy/requests/${id}/file?tenant=${currentTenant()}`}
        download
        size="sm"
        onClick={(event) => event.stopPropagation()}
      >
        {t('download', { size: size(size_bytes) })}
      </Anchor>
      <Text size="xs" c="dimmed">
        {t('fileUntil', { at: exactTime(expires_at) })}
      </Text>
    </div>
  )
}
