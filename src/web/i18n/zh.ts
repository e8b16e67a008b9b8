/** The page in Chinese. */
import type { FirstWords, LaterWords } from './languages.ts';

export default {
  tag: 'zh-CN',
  language: '中文',

  lobby: '大厅',
  guest: number => `访客${number}`,
  people: count => `${count} 人在线`,
  messages: '消息',

  connecting: '连接中…',
  connected: '已连接',
  close: '手动关闭',

  composer: '说点什么…',
  send: '发送',

  role: '更换角色',

  unloaded: '加载失败，请重试或刷新页面',

  today: '今天',
  yesterday: '昨天',
} satisfies FirstWords;

export const later = {
  quiet: '还没有消息',

  lost: '连接已断开，正在重连…',
  reconnecting: '正在重连…',
  waiting: seconds => `${seconds} 秒后重连`,
  closed: '已关闭',
  garbage: '已停止：请刷新页面',
  stopped: '已停止：无权进入此房间',
  reconnect: '重新连接',
  now: '立即重连',

  blank: '请输入',
  unsent: '未发送的消息过多',

  name: '名字',
  save: '确定',
  cancel: '取消',
  badName: '请输入 1 到 32 个字符',

  pending: '发送中…',
  queued: '等待发送',
  unknown: '可能未发送成功',
  failed: reason => `${reason}，未发送`,
  retry: '重试',
  discard: '删除',
  'bad-frame': '消息无效',
  'bad-user': '名字不可用',
  empty: '消息为空',
  'too-long': '消息过长',
  'too-big': '消息过大',
  'too-fast': '操作过于频繁',
  'read-only': '此房间只读',
  unavailable: '服务暂不可用',

  'bad-room': '房间名无效',
  'bad-relay': '服务器地址无效',
  blocked: '此页面的安全策略阻止了连接',

  more: '更多',
  copyText: '复制文字',
  copyLink: '复制链接',
  share: '分享…',
  copied: '已复制',
  notCopied: '无法复制',
  you: '（你）',
  others: count => `还有 ${count} 人`,

  edited: '（已编辑）',
  missed: count => `此处缺少 ${count} 条消息`,
  missedSome: '此处可能缺少消息',
  unread: count => `${count} 条新消息`,
} satisfies LaterWords;
