// Emoji by Slack's names: a table for the picker and for what people use; another name is shown as :name:.

import { el } from "./dom.js";

/** What stands in the quick row of each post; what routes use most. */
export const QUICK = ["rotating_light", "computer", "wrench", "eyes", "white_check_mark", "see_no_evil"];

export const SKIN_TONES = { 2: "\u{1F3FB}", 3: "\u{1F3FC}", 4: "\u{1F3FD}", 5: "\u{1F3FE}", 6: "\u{1F3FF}" };

/** Name, sign, words to find it by. */
const ROWS = `
rotating_light 🚨 緊急 警報 パトカー alarm urgent
computer 💻 パソコン PC 更新 pc laptop
wrench 🔧 レンチ 工具 修理 対応 tool fix
eyes 👀 目 見ている 確認中 look
white_check_mark ✅ 完了 済み チェック done yes
see_no_evil 🙈 見ざる 対象外 猿 not ours monkey
heavy_check_mark ✔️ 済み チェック done
ballot_box_with_check ☑️ チェック 選択 vote
ok 🆗 OK 了解
x ❌ ばつ だめ no wrong
o ⭕ まる よい circle
no_entry ⛔ 禁止 stop
no_entry_sign 🚫 禁止 不可 forbidden
warning ⚠️ 警告 注意 caution
octagonal_sign 🛑 停止 stop
bangbang ‼️ 重要 強調
exclamation ❗ 重要 びっくり important
question ❓ 質問 はてな
grey_question ❔ 質問 不明
information_source ℹ️ 情報 お知らせ info
red_circle 🔴 赤 緊急 critical
large_orange_circle 🟠 橙 高 high
large_yellow_circle 🟡 黄 中 medium
large_green_circle 🟢 緑 低 low
large_blue_circle 🔵 青 情報 info
white_circle ⚪ 白
black_circle ⚫ 黒
large_red_square 🟥 赤 四角
fire 🔥 炎 火事 炎上 hot
boom 💥 爆発 障害 bang
bomb 💣 爆弾
skull_and_crossbones ☠️ 毒 危険 death
bug 🐛 虫 バグ 不具合
space_invader 👾 敵 攻撃 マルウェア malware
ghost 👻 おばけ
lock 🔒 鍵 施錠 secure
unlock 🔓 開錠 漏えい open
key 🔑 鍵 認証 password
closed_lock_with_key 🔐 鍵 暗号 encrypted
shield 🛡️ 盾 防御 セキュリティ defence
police_car 🚓 パトカー
cop 👮 警察
sleuth_or_spy 🕵️ 調査 探偵 detective
fishing_pole_and_fish 🎣 釣り フィッシング phishing
fish 🐟 魚 フィッシング phishing
email ✉️ メール mail
incoming_envelope 📨 受信 メール mail
outbox_tray 📤 転送 送信 共有 sent
inbox_tray 📥 受信 取り込み inbox
mailbox_with_mail 📬 郵便 受信
memo 📝 メモ 記録 note write
pencil2 ✏️ 鉛筆 記入
clipboard 📋 一覧 手順 list
page_facing_up 📄 書類 文書
newspaper 📰 新聞 ニュース news
bookmark 🔖 しおり 保存
pushpin 📌 ピン 固定 pin
paperclip 📎 添付
link 🔗 リンク URL
mag 🔍 検索 調査 虫眼鏡 search
bell 🔔 通知 ベル
no_bell 🔕 通知なし 静か mute
loudspeaker 📢 お知らせ 告知 announce
mega 📣 告知 お知らせ
speech_balloon 💬 会話 コメント talk
thought_balloon 💭 考え
calendar 📆 予定 日付
date 📅 予定 日付
alarm_clock ⏰ 期限 目覚まし
hourglass_flowing_sand ⏳ 待ち 進行中 waiting
stopwatch ⏱️ 計測 時間
hammer 🔨 工具 修正
hammer_and_wrench 🛠️ 保守 メンテナンス maintenance
gear ⚙️ 設定 歯車 settings
nut_and_bolt 🔩 部品
electric_plug 🔌 電源 接続
battery 🔋 電池
bulb 💡 案 ひらめき idea
desktop_computer 🖥️ パソコン サーバ pc
keyboard ⌨️ キーボード
iphone 📱 スマホ 携帯 phone
printer 🖨️ プリンタ 印刷
floppy_disk 💾 保存 ディスク
cd 💿 ディスク
file_cabinet 🗄️ 書庫 サーバ 台帳
card_file_box 🗃️ 台帳 資料
package 📦 箱 製品 パッケージ
globe_with_meridians 🌐 ネット web ブラウザ browser
satellite_antenna 📡 通信
cloud ☁️ クラウド 雲
zap ⚡ 稲妻 速報 電気
factory 🏭 工場
office 🏢 会社 ビル
hospital 🏥 病院
bank 🏦 銀行 金融
school 🏫 学校
house 🏠 家 自宅
construction 🚧 工事中
recycle ♻️ 再利用
arrows_counterclockwise 🔄 更新 再起動 再試行 retry update
arrow_up ⬆️ 上
arrow_down ⬇️ 下
arrow_right ➡️ 右 転送
arrow_left ⬅️ 左 戻す
leftwards_arrow_with_hook ↩️ 戻す 取り消し undo
rewind ⏪ 戻る
fast_forward ⏩ 早送り 至急
double_vertical_bar ⏸️ 一時停止 pause
black_square_for_stop ⏹️ 停止 stop
new 🆕 新着
up 🆙 更新
sos 🆘 助けて 救援 help
vs 🆚 対決
zero 0️⃣ 数字
one 1️⃣ 数字
two 2️⃣ 数字
three 3️⃣ 数字
four 4️⃣ 数字
five 5️⃣ 数字
six 6️⃣ 数字
seven 7️⃣ 数字
eight 8️⃣ 数字
nine 9️⃣ 数字
keycap_ten 🔟 数字
100 💯 満点 百点
+1 👍 いいね 賛成 了解 good
-1 👎 反対 よくない bad
ok_hand 👌 OK 了解
hand ✋ 待って 挙手 stop
raising_hand 🙋 挙手 サポート希望 hand
wave 👋 こんにちは 手を振る hello
clap 👏 拍手 すばらしい
pray 🙏 お願い 感謝 please
muscle 💪 がんばる 力
point_up ☝️ 上 注目
point_right 👉 右
point_left 👈 左
point_down 👇 下
v ✌️ ピース
handshake 🤝 握手 合意
fist ✊ こぶし
writing_hand ✍️ 書く 署名
bow 🙇 お辞儀 すみません
no_good 🙅 だめ
ok_woman 🙆 OK
man-shrugging 🤷‍♂️ わからない
face_palm 🤦 やれやれ
bust_in_silhouette 👤 人 担当
busts_in_silhouette 👥 人々 チーム team
smile 😄 笑顔 笑い
grinning 😀 笑顔
joy 😂 笑い泣き
sweat_smile 😅 苦笑 汗
laughing 😆 大笑い
slightly_smiling_face 🙂 微笑み
upside_down_face 🙃 逆さ 皮肉
wink 😉 ウインク
blush 😊 照れ
heart_eyes 😍 大好き
sunglasses 😎 クール
thinking_face 🤔 考え中 うーん
neutral_face 😐 無表情
expressionless 😑 無表情
confused 😕 困惑
worried 😟 心配
cry 😢 泣く
sob 😭 号泣
scream 😱 恐怖 大変
fearful 😨 恐れ
cold_sweat 😰 冷や汗
open_mouth 😮 驚き
astonished 😲 びっくり
flushed 😳 赤面
dizzy_face 😵 めまい
exploding_head 🤯 衝撃 爆発
rage 😡 激怒
angry 😠 怒り
triumph 😤 鼻息
sleeping 😴 眠い
zzz 💤 眠い
mask 😷 マスク 感染
nerd_face 🤓 詳しい
robot_face 🤖 ロボット ボット bot
alien 👽 宇宙人
hear_no_evil 🙉 聞かざる 猿
speak_no_evil 🙊 言わざる 猿
heart ❤️ ハート
orange_heart 🧡 ハート
yellow_heart 💛 ハート
green_heart 💚 ハート
blue_heart 💙 ハート
purple_heart 💜 ハート
broken_heart 💔 失恋
sparkles ✨ きらきら 新機能
star ⭐ 星 重要
star2 🌟 星
tada 🎉 お祝い クラッカー
confetti_ball 🎊 お祝い
gift 🎁 贈り物
trophy 🏆 優勝
medal 🎖️ 表彰
rocket 🚀 公開 ロケット リリース release
ship 🚢 出荷 船 リリース release
airplane ✈️ 飛行機 出張
train 🚋 電車
bus 🚌 バス
car 🚗 車
bike 🚲 自転車
anchor ⚓ 錨
triangular_flag_on_post 🚩 旗 目標 flag
checkered_flag 🏁 完了 ゴール
crossed_flags 🎌 旗
jp 🇯🇵 日本 japan
dart 🎯 的 目標
chart_with_upwards_trend 📈 上昇 グラフ 増加
chart_with_downwards_trend 📉 下降 グラフ 減少
bar_chart 📊 グラフ 集計 統計
moneybag 💰 費用 お金
yen 💴 円 お金
receipt 🧾 領収書 台帳
scroll 📜 巻物 方針 規程
scales ⚖️ 判断 法律
crystal_ball 🔮 予測
dna 🧬 遺伝子
microscope 🔬 解析
test_tube 🧪 検証 試験
thermometer 🌡️ 温度
pill 💊 薬 対策
adhesive_bandage 🩹 修正 パッチ patch
syringe 💉 注射
ambulance 🚑 救急
fire_engine 🚒 消防
fire_extinguisher 🧯 消火 対応
umbrella ☂️ 傘 雨
sunny ☀️ 晴れ
partly_sunny ⛅ くもり
rain_cloud 🌧️ 雨
snowflake ❄️ 雪
ocean 🌊 波
earth_asia 🌏 地球 世界
full_moon 🌕 月
rainbow 🌈 虹
cherry_blossom 🌸 桜
maple_leaf 🍁 紅葉
bamboo 🎍 竹
seedling 🌱 芽 新人
four_leaf_clover 🍀 四葉
dog 🐶 犬
cat 🐱 猫
mouse 🐭 ねずみ マウス
rabbit 🐰 うさぎ
bear 🐻 熊
panda_face 🐼 パンダ
penguin 🐧 ペンギン
bird 🐦 鳥
turtle 🐢 亀 遅い
snail 🐌 かたつむり 遅い
bee 🐝 蜂
spider 🕷️ クモ
spider_web 🕸️ クモの巣 ウェブ
snake 🐍 蛇
whale 🐳 くじら
octopus 🐙 たこ
coffee ☕ コーヒー 休憩
tea 🍵 お茶 休憩
beer 🍺 ビール
rice_ball 🍙 おにぎり
ramen 🍜 ラーメン
curry 🍛 カレー
sushi 🍣 寿司
bento 🍱 弁当 昼
dango 🍡 だんご
cake 🍰 ケーキ
apple 🍎 りんご
hatching_chick 🐣 ひよこ
baby_chick 🐤 ひよこ
footprints 👣 足跡 記録
mute 🔇 消音
speaker 🔈 音
microphone 🎤 発言
movie_camera 🎥 会議 動画
camera 📷 写真 証跡
video_camera 📹 会議
tv 📺 テレビ
musical_note 🎵 音楽
game_die 🎲 さいころ
jigsaw 🧩 パズル
art 🎨 絵
book 📖 本 手順書
books 📚 本 資料
label 🏷️ ラベル 分類
wastebasket 🗑️ ごみ箱 削除 delete
scissors ✂️ 切る
straight_ruler 📏 定規
triangular_ruler 📐 定規
black_nib ✒️ ペン
lower_left_fountain_pen 🖋️ ペン
lower_left_ballpoint_pen 🖊️ ペン
heavy_plus_sign ➕ 追加 plus
heavy_minus_sign ➖ 減らす 使用していない minus
heavy_multiplication_x ✖️ ばつ
curly_loop ➰ ループ
infinity ♾️ 無限
wavy_dash 〰️ 波
copyright ©️ 著作権
registered ®️ 登録
tm ™️ 商標
symbols 🔣 記号
abc 🔤 文字
1234 🔢 数字
id 🆔 身分 ID
sa 🈂️ サービス
koko 🈁 ここ
u6709 🈶 有
u7121 🈚 無 無料
u7981 🈲 禁
secret ㊙️ 秘
congratulations ㊗️ 祝
accept 🉑 可
ideograph_advantage 🉐 得
beginner 🔰 初心者
name_badge 📛 名札
japanese_goblin 👺 天狗
japanese_ogre 👹 鬼
dragon 🐉 竜
volcano 🌋 火山 障害
tornado 🌪️ 竜巻
cyclone 🌀 台風
droplet 💧 しずく 漏えい leak
potable_water 🚰 水道 漏えい
potato 🥔 いも
hole 🕳️ 穴 脆弱性 vulnerability
door 🚪 扉 侵入 door
window 🪟 窓
dizzy 💫 めまい 星
sweat_drops 💦 汗
dash 💨 ダッシュ 急ぐ
runner 🏃 走る 急ぐ
walking 🚶 歩く
speedboat 🚤 速い
traffic_light 🚥 信号
vertical_traffic_light 🚦 信号
parking 🅿️ 駐車
roller_coaster 🎢 変動
point_up_2 👆 上 注目
palms_up_together 🤲 受け取る
eye 👁️ 目 監視
ear 👂 耳
brain 🧠 脳 考え
zombie 🧟 ゾンビ ボットネット
vampire 🧛 吸血鬼
ninja 🥷 忍者
male-technologist 👨‍💻 技術者 エンジニア
female-technologist 👩‍💻 技術者 エンジニア
technologist 🧑‍💻 技術者 エンジニア
firefighter 🧑‍🚒 消防士 火消し
`;

export const EMOJI = ROWS.trim().split("\n").map((row) => {
  const [name, sign, ...found] = row.split(" ");
  return { name, sign, found: [name.replaceAll("_", " "), ...found].join(" ").toLowerCase() };
});

const SIGNS = new Map(EMOJI.map((one) => [one.name, one.sign]));

/** Returns the sign of a name, following the workspace's aliases; null where it has none. */
export function signOf(name, custom = {}) {
  const [base, tone] = name.split("::skin-tone-");
  const alias = /^alias:(.+)$/.exec(custom[base] ?? "");
  const sign = SIGNS.get(alias ? alias[1] : base);
  return sign ? sign + (SKIN_TONES[tone] ?? "") : null;
}

/** Returns an emoji as it stands in a text. */
export function emojiElement(name, scene) {
  const sign = signOf(name, scene.store.emoji);
  if (sign) return el("span", { class: "emoji", title: `:${name}:` }, sign);
  return el("span", { class: name in scene.store.emoji ? "emoji custom" : "" }, `:${name}:`);
}

/** Returns what fits a search: names that begin with it first. */
export function search(query, custom = {}) {
  const wanted = query.trim().toLowerCase().replace(/^:|:$/g, "").replaceAll("_", " ");
  const own = Object.keys(custom).map((name) => ({ name, sign: signOf(name, custom) ?? `:${name}:`, found: name.replaceAll("_", " ").toLowerCase() }));
  const all = [...own, ...EMOJI];
  if (!wanted) return all;
  const fitting = all.filter((one) => one.found.includes(wanted));
  return fitting.sort((a, b) => Number(b.found.startsWith(wanted)) - Number(a.found.startsWith(wanted)));
}
