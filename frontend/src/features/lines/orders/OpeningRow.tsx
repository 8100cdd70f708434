/** A row of what takes its time: it opens to its steps, and can be taken back. */
import { ActionIcon, Button, Collapse, Table } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronRight } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { May } from '@/api/session'
import { confirmDanger } from '@/components/forms'
import type { Order } from '../data'
import classes from './orders.module.css'
import { Steps } from './Steps'

/** `children` are its other five cells. */
export function OpeningRow({
  label,
  steps,
  children,
}: {
  label: string
  steps: Order['steps']
  children: ReactNode
}) {
  const [opened, { toggle }] = useDisclosure()
  return (
    <>
      <Table.Tr onClick={toggle} className={classes.row}>
        <Table.Td>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-expanded={opened}
            aria-label={label}
            onClick={(event) => {
              event.stopPropagation()
              toggle()
            }}
          >
            <IconChevronRight size={16} className={classes.chevron} data-opened={opened || undefined} />
          </ActionIcon>
        </Table.Td>
        {children}
      </Table.Tr>
      <Table.Tr className={classes.details} data-opened={opened || undefined}>
        <Table.Td colSpan={6} p={0}>
          <Collapse expanded={opened}>{opened && <Steps steps={steps} />}</Collapse>
        </Table.Td>
      </Table.Tr>
    </>
  )
}

export function CancelButton({
  label,
  title,
  text,
  pending,
  cancel,
}: {
  label: string
  title: string
  text: string
  pending: boolean
  cancel: () => void
}) {
  const { t } = useTranslation(['lines', 'common'])
  return (
    <May permission="numbers.write">
      <Button
        size="compact-xs"
        variant="default"
        loading={pending}
        aria-label={label}
        onClick={(event) => {
          event.stopPropagation()
          confirmDanger({
            title,
            text,
            confirm: t('orders.cancel'),
            cancel: t('common:close'),
            onConfirm: cancel,
          })
        }}
      >
        {t('orders.cancel')}
      </Button>
    </May>
  )
}
