/** One number a line; whom it reaches is chosen right there. */
import { ActionIcon, Anchor, Badge, Group, Menu, Stack, Table, Text, VisuallyHidden } from '@mantine/core'
import { IconDots, IconPencil, IconTrash } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { useTenant } from '@/api/session'
import { done, failed } from '@/components/forms'
import { Phone, phone } from '@/components/format'
import { NumberHealth } from '@/components/numberHealth'
import { type PhoneNumber, useAgents, useRefresh, useSellers, useTrunks } from '../data'
import { AgentChoice } from './AgentChoice'
import { useRelease } from './Release'
import { Rental } from './Rental'

interface Props {
  numbers: PhoneNumber[]
  onEdit: (number: PhoneNumber) => void
}

export function NumberTable({ numbers, onEdit }: Props) {
  const { t } = useTranslation('lines')
  const { may } = useTenant()
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('number')}</Table.Th>
          <Table.Th>{t('reaches')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('use')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('via')}</Table.Th>
          <Table.Th visibleFrom="md">{t('label')}</Table.Th>
          {may('numbers.write') && (
            <Table.Th w={50}>
              <VisuallyHidden>{t('actions')}</VisuallyHidden>
            </Table.Th>
          )}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {numbers.map((number) => (
          <NumberRow key={number.id} number={number} onEdit={() => onEdit(number)} />
        ))}
      </Table.Tbody>
    </Table>
  )
}

function NumberRow({ number, onEdit }: { number: PhoneNumber; onEdit: () => void }) {
  const { t } = useTranslation('lines')
  const { may } = useTenant()
  return (
    <Table.Tr>
      <Table.Td>
        <Phone number={number.e164} />
        <Rental number={number} />
        <Text size="xs" c="dimmed" hiddenFrom="md">
          {number.label}
        </Text>
        <Group gap={4} hiddenFrom="sm">
          <Text size="xs" c="dimmed">
            {t(`purpose.${number.purpose}`)}
          </Text>
          <NumberHealth id={number.id} />
        </Group>
      </Table.Td>
      <Table.Td>
        <Reaches number={number} />
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Stack gap={4} align="flex-start">
          {t(`purpose.${number.purpose}`)}
          <NumberHealth id={number.id} />
        </Stack>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Via number={number} />
      </Table.Td>
      <Table.Td visibleFrom="md">
        {number.label || (
          <Text span inherit c="dimmed">
            {t('none')}
          </Text>
        )}
      </Table.Td>
      {may('numbers.write') && (
        <Table.Td>
          <More number={number} onEdit={onEdit} />
        </Table.Td>
      )}
    </Table.Tr>
  )
}

function Reaches({ number }: { number: PhoneNumber }) {
  const { t } = useTranslation('lines')
  const { may } = useTenant()
  const refresh = useRefresh()
  const agents = useAgents()
  const change = $api.useMutation('patch', '/api/v1/numbers/{id}', {
    onSuccess: () => {
      refresh()
      done(t('numberSaved', { number: phone(number.e164) }))
    },
    onError: failed,
  })
  const agent = agents.data?.results.find(({ id }) => id === number.agent)
  return (
    <Stack gap={4} align="flex-start" miw={150}>
      <AgentChoice
        aria-label={t('agentOf', { number: phone(number.e164) })}
        value={number.agent}
        disabled={!may('numbers.write') || change.isPending}
        onChange={(id) => change.mutate({ params: { path: { id: number.id } }, body: { agent: id } })}
      />
      {/* Of a number for calls that go out nothing else is expected. */}
      {!number.agent && (
        <Badge color={number.purpose === 'outbound' ? 'gray' : 'amber'}>{t('reachesNobody')}</Badge>
      )}
      {agent && !agent.published_version && <Badge color="amber">{t('agentNotPublished')}</Badge>}
      {number.agent_version && (
        <Badge color="gray" variant="outline">
          {t('pinned')}
        </Badge>
      )}
      {number.fallback_number && (
        <Text size="xs" c="dimmed">
          {t('fallsBack', { number: phone(number.fallback_number) })}
        </Text>
      )}
      {number.capture_rtp && <Badge color="amber">{t('capturing')}</Badge>}
    </Stack>
  )
}

function Via({ number }: { number: PhoneNumber }) {
  const { t } = useTranslation('lines')
  const { path } = useTenant()
  const trunks = useTrunks()
  const sellers = useSellers()
  if (!number.trunk) {
    const seller = sellers.data?.results.find(({ name }) => name === number.carrier)
    return seller?.label ?? (number.carrier === 'sandbox' ? t('sandbox') : number.carrier)
  }
  return (
    <Anchor component={Link} to={path(`trunks/${number.trunk}`)} inherit>
      {trunks.data?.results.find(({ id }) => id === number.trunk)?.name ?? t('trunk')}
    </Anchor>
  )
}

function More({ number, onEdit }: { number: PhoneNumber; onEdit: () => void }) {
  const { t } = useTranslation('lines')
  const release = useRelease(number)
  return (
    <Group justify="flex-end">
      <Menu position="bottom-end" width={170}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t('moreOf', { number: phone(number.e164) })}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={onEdit}>
            {t('edit')}
          </Menu.Item>
          <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={release.ask}>
            {t('release')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {release.dialog}
    </Group>
  )
}
