// The words of the page, in both languages. Codes of refusals that people meet have sentences here.
export const words = {
  ja: {
    skip: "投稿へ移動", acting: "操作する人", channels: "チャンネル", compose: "メッセージ", send: "投稿",
    desk: "デスクの動きと記録", desk_hint: "投稿に絵文字を付けると、ここに記録が並びます。",
    picker: "絵文字を選ぶ", close: "閉じる", search: "名前で探す", offline: "接続が切れました。つながり次第、表示を更新します。",
    empty: "まだ投稿がありません。", empty_channels: "チャンネルがまだありません。", say: (who) => `${who}さんとして投稿`,
    react: (name) => `${name} を付ける`, more: "ほかの絵文字", reply: "返信", only: "あなただけに表示されています",
    edited: "（編集済み）", app: "アプリ", replies: (n) => `返信 ${n}件`, arrived: (where) => `${where} に新しい投稿`,
    person: (name) => `${name}さん`, holders: (names) => names.join("、"), language: "English", dark: "暗い画面", light: "明るい画面",
    reply_prompt: "返信の内容", unread: (n) => `未読 ${n}件`, failed: (why) => `できませんでした：${why}`, already_reacted: "すでに付けています。", no_reaction: "すでに外されています。",
    message_not_found: "この投稿は削除されています。", cant_update_message: "自分の投稿だけを編集、削除できます。", private: "非公開",
    remove: "削除", edit: "編集", edit_prompt: "新しい内容",
  },
  en: {
    skip: "Go to the posts", acting: "Act as", channels: "Channels", compose: "Your message", send: "Post",
    desk: "What the desk did and recorded", desk_hint: "Put an emoji on a post, and the record appears here.",
    picker: "Choose an emoji", close: "Close", search: "Search by name", offline: "The connection is lost. The page catches up once it is back.",
    empty: "No posts yet.", empty_channels: "No channels yet.", say: (who) => `Post as ${who}`,
    react: (name) => `Add ${name}`, more: "Other emoji", reply: "Reply", only: "Only visible to you",
    edited: "(edited)", app: "App", replies: (n) => (n === 1 ? "1 reply" : `${n} replies`), arrived: (where) => `New post in ${where}`,
    person: (name) => name, holders: (names) => names.join(", "), language: "日本語", dark: "Dark", light: "Light",
    reply_prompt: "Your reply", unread: (n) => `${n} unread`, failed: (why) => `That did not work: ${why}`, already_reacted: "You have already added this emoji.", no_reaction: "This emoji was already removed.",
    message_not_found: "This post was deleted.", cant_update_message: "You can only edit and delete your own posts.", private: "private",
    remove: "Delete", edit: "Edit", edit_prompt: "New text",
  },
};
