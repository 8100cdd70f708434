/** An item of a list that is edited in a drawer: what it is in a line, and the ways to edit or remove it. */
import { ActionIcon, Badge, Text, UnstyledButton, VisuallyHidden } from '@mantine/core'
import { IconChevronRight, IconTrash, type Icon } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './editor.module.css'

interface ItemRowProps {
  icon: Icon
  name: string
  mono?: boolean
  detail: ReactNode
  faulty: boolean
  /** What opens it, in words that its name can follow. */
  edit: { label: string; onClick: () => void }
  remove?: { label: string; onClick: () => void }
}

export function ItemRow({ icon: Picture, name, mono, detail, faulty, edit, remove }: ItemRowProps) {
  const { t } = useTranslation('agents')
  return (
    <div className={classes.item}>
      <UnstyledButton className={classes.itemOpen} onClick={edit.onClick}>
        <Picture size={18} stroke={1.6} aria-hidden />
        <span className={classes.itemText}>
          <VisuallyHidden component="span">{`${edit.label} `}</VisuallyHidden>
          <Text span size="sm" fw={600} className={mono ? 'tl-mono' : undefined}>
            {name}
          </Text>
          <Text span size="xs" c="dimmed" lineClamp={1}>
            {detail}
          </Text>
        </span>
        {faulty && (
          <Badge color="red" size="sm">
            {t('hasFaults')}
          </Badge>
        )}
        <IconChevronRight size={16} aria-hidden />
      </UnstyledButton>
      {remove && (
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={remove.label}
          onClick={remove.onClick}
        >
          <IconTrash size={17} />
        </ActionIcon>
      )}
    </div>
  )
}
