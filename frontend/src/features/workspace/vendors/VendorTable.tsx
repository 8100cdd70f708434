import { ActionIcon, Badge, Box, Button, Group, Menu, Table, Text, VisuallyHidden } from '@mantine/core'
import { IconDots, IconPencil, IconPlugConnected, IconPlus, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { May } from '@/api/session'
import { confirmDanger, done, failed } from '@/components/forms'
import { Time } from '@/components/format'
import { useKeysChanged, VendorKeyDialog } from './VendorKeyDialog'
import { type Answer, CheckedKey } from './CheckedKey'
import type { VendorRow } from './rows'

export function VendorTable({ rows }: { rows: VendorRow[] }) {
  const { t } = useTranslation('workspace')
  return (
    <Table verticalSpacing="sm">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('vendor')}</Table.Th>
          <Table.Th visibleFrom="md">{t('vendorServes')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('vendorKey')}</Table.Th>
          <Table.Th>
            <VisuallyHidden>{t('actions')}</VisuallyHidden>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Row key={row.vendor} row={row} />
        ))}
      </Table.Tbody>
    </Table>
  )
}

function Row({ row }: { row: VendorRow }) {
  const { t } = useTranslation('workspace')
  const [editing, setEditing] = useState(false)
  const changed = useKeysChanged()
  const check = $api.useMutation('post', '/api/v1/vendor-keys/{vendor}/check', {
    onSuccess: changed,
    onError: failed,
  })
  const ask = () => check.mutate({ params: { path: { vendor: row.vendor } } })
  return (
    <Table.Tr>
      <Table.Td>
        <Text fw={500}>{row.label}</Text>
        <Text size="sm" c="dimmed" hiddenFrom="md">
          <Kinds row={row} />
        </Text>
        <Box hiddenFrom="sm" mt={4}>
          <Key row={row} answer={check.data} asking={check.isPending} />
        </Box>
      </Table.Td>
      <Table.Td visibleFrom="md">
        <Kinds row={row} />
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Key row={row} answer={check.data} asking={check.isPending} />
      </Table.Td>
      <Table.Td w={1}>
        <May permission="keys.write">
          {row.own ? (
            <Group gap={4} wrap="nowrap" justify="flex-end">
              <Button
                visibleFrom="sm"
                size="xs"
                variant="default"
                aria-label={t('vendorCheckName', { name: row.label })}
                loading={check.isPending}
                onClick={ask}
              >
                {t('vendorCheck')}
              </Button>
              <KeyMenu row={row} onCheck={ask} onReplace={() => setEditing(true)} />
            </Group>
          ) : (
            <Group justify="flex-end">
              <Button
                size="xs"
                variant="default"
                leftSection={<IconPlus size={14} />}
                aria-label={t('vendorAddName', { name: row.label })}
                onClick={() => setEditing(true)}
              >
                {t('vendorAdd')}
              </Button>
            </Group>
          )}
          <VendorKeyDialog
            row={row}
            opened={editing}
            onClose={() => setEditing(false)}
            // Whether it works is known at once, not from the first call.
            onSaved={ask}
          />
        </May>
      </Table.Td>
    </Table.Tr>
  )
}

function Kinds({ row }: { row: VendorRow }) {
  const { t } = useTranslation('vendors')
  return row.kinds.map((kind) => t(`kinds.${kind}`)).join(', ')
}

function Key({ row, answer, asking }: { row: VendorRow; answer: Answer | undefined; asking: boolean }) {
  const { t } = useTranslation('workspace')
  const { own } = row
  if (!own)
    return row.source === 'platform' ? (
      <Badge color="gray">{t('vendorPlatform')}</Badge>
    ) : (
      <Text size="sm" c="dimmed">
        {t('vendorNone')}
      </Text>
    )
  return (
    <div>
      <Group gap="xs">
        <Badge>{t('vendorOwn')}</Badge>
        <Text size="sm" className="tl-mono">
          {own.last4 ? `…${own.last4}` : t('vendorShort')}
        </Text>
      </Group>
      {(own.region || own.base_url) && (
        <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {[own.region, own.base_url].filter(Boolean).join(' · ')}
        </Text>
      )}
      <CheckedKey answer={answer} asking={asking} />
      {!answer && own.last_error && (
        <Text size="sm" c="var(--mantine-color-error)">
          {own.last_error}{' '}
          <Text span inherit c="dimmed">
            <Time at={own.last_error_at} />
          </Text>
        </Text>
      )}
    </div>
  )
}

interface KeyMenuProps {
  row: VendorRow
  onCheck: () => void
  onReplace: () => void
}

function KeyMenu({ row, onCheck, onReplace }: KeyMenuProps) {
  const { t } = useTranslation('workspace')
  const changed = useKeysChanged()
  const { label: name } = row
  const remove = $api.useMutation('delete', '/api/v1/vendor-keys/{vendor}', {
    onSuccess: async () => {
      await changed()
      done(t('vendorDeleted', { name }))
    },
    onError: failed,
  })
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t('vendorMenu', { name })}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item hiddenFrom="sm" leftSection={<IconPlugConnected size={15} />} onClick={onCheck}>
          {t('vendorCheck')}
        </Menu.Item>
        <Menu.Item leftSection={<IconPencil size={15} />} onClick={onReplace}>
          {t('vendorReplace')}
        </Menu.Item>
        <Menu.Item
          color="red"
          leftSection={<IconTrash size={15} />}
          onClick={() =>
            confirmDanger({
              title: t('vendorDeleteTitle', { name }),
              text: t('vendorDeleteText'),
              confirm: t('vendorDelete'),
              cancel: t('cancel'),
              onConfirm: () => remove.mutate({ params: { path: { vendor: row.vendor } } }),
            })
          }
        >
          {t('vendorDelete')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
