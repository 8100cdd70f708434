/** The frame of the pages before the login: what is to be done on the left, what the product is on the right. */
import { Anchor, Box, Stack, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import { Mark } from '@/components/Mark'
import classes from './Entrance.module.css'
import { Picture } from './Picture'

interface EntranceProps {
  title: string
  lead?: ReactNode
  children?: ReactNode
}

export function Entrance({ title, lead, children }: EntranceProps) {
  useEffect(() => {
    document.title = `${title} · Trunkline`
  }, [title])
  return (
    <div className={classes.frame}>
      <div className={classes.side}>
        <header>
          <Anchor component={Link} to="/" underline="never" c="inherit">
            <Mark />
          </Anchor>
        </header>
        <main className={classes.main}>
          <Stack gap="lg" w="100%" maw={390}>
            <Box>
              <Title order={1}>{title}</Title>
              {lead && (
                <Text c="dimmed" mt={4}>
                  {lead}
                </Text>
              )}
            </Box>
            {children}
          </Stack>
        </main>
      </div>
      <Picture />
    </div>
  )
}
