/** Times of the accounts API, which are seconds since 1970. */
import dayjs from 'dayjs'
import relativeTime from 'dayjs/plugin/relativeTime'

dayjs.extend(relativeTime)

export const day = (seconds: number) => dayjs.unix(seconds).format('D MMM YYYY')
export const minute = (seconds: number) => dayjs.unix(seconds).format('D MMM YYYY, HH:mm')
export const ago = (seconds: number) => dayjs.unix(seconds).fromNow()
