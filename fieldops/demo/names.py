"""Name material: places in their own script, people's name parts by language, operators. Every person is made up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NameParts:
    """Given and family names of one language, generic and frequent, and how they are joined."""

    given: tuple[str, ...]
    family: tuple[str, ...]
    family_first: bool = False
    separator: str = " "

    def compose(self, given: int, family: int) -> str:
        """Return the full name of the two drawn numbers, each taken modulo the length of its list."""
        parts = [self.given[given % len(self.given)], self.family[family % len(self.family)]]
        return self.separator.join(reversed(parts) if self.family_first else parts)


def _names(given: str, family: str, *, family_first: bool = False, separator: str = " ") -> NameParts:
    return NameParts(tuple(given.split()), tuple(family.split()), family_first, separator)


PEOPLE: dict[str, NameParts] = {
    "zh": _names(
        "立新 建国 晓东 文斌 志强 海燕 春梅 国平 雪峰 明远 思源 俊杰 丽华 永刚 佳宁 少波 玉兰 天宇 一凡 秀英",
        "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 马 朱 胡 郭 何 林 高 罗",
        family_first=True,
        separator="",
    ),
    "lo": _names("ສົມຊາຍ ບຸນມີ ຄຳພອນ ສີສະຫວາດ ວິໄລ ແກ້ວ ພອນ ສຸກ", "ວົງສາ ພົມມະຈັນ ສີສຸກ ແກ້ວມະນີ ຈັນທະວົງ ໄຊຍະວົງ"),
    "th": _names("สมชาย วิชัย ประเสริฐ สุดา มาลี อนันต์ กิตติ", "ใจดี ทองดี แสงทอง ศรีสุข บุญมา รักไทย"),
    "km": _names("សុខា ដារ៉ា វិចិត្រ សុភា បុប្ផា រិទ្ធី ចាន់", "សុខ ចាន់ ហេង គឹម លី ជា នួន", family_first=True),
    "my": _names("အောင် မင်း ထွန်း ခင် စု လှ ဇော်", "ကျော် သန်း ဝင်း မြင့် ဦး နိုင်"),
    "tl": _names("Jose Maria Ramon Liza Andres Corazon Noel Grace", "Santos Reyes Cruz Bautista Ocampo Garcia Mendoza"),
    "id": _names("Budi Agus Sri Dewi Wahyu Rina Eko Yanti", "Santoso Wijaya Setiawan Lestari Saputra Hidayat"),
    "si": _names("නිමල් සුනිල් කමල් අනුර චමිලා දිලානි රුවන්", "පෙරේරා සිල්වා ප්‍රනාන්දු ජයසිංහ බණ්ඩාර"),
    "ne": _names("राम हरि सीता गीता बिनोद सुनिता प्रकाश", "श्रेष्ठ तामाङ गुरुङ अधिकारी थापा राई"),
    "hi": _names("अमित सुनीता राजेश प्रिया विजय अनिल", "शर्मा वर्मा गुप्ता सिंह यादव पटेल"),
    "sw": _names(
        "Juma Amina Baraka Neema Hamisi Zawadi Rehema Musa", "Mwangi Otieno Kamau Wanjiru Njoroge Achieng Kiprop"
    ),
    "sn": _names("Tendai Rudo Farai Chipo Tatenda Nyasha Blessing", "Moyo Ncube Sibanda Dube Phiri Banda Zulu"),
    "am": _names("ሰላም ዮሴፍ ማርታ ዳዊት ሳራ ሃና", "ተስፋይ ሃይለ ገብረ መንግስቱ በርሀ"),
    "fr": _names(
        "Jean Marie Paul Claire Alain Sylvie Pierre Chantal", "Mbarga Nkoulou Tchami Essomba Ndongo Mabiala Ngoma"
    ),
    "es": _names("Juan María Carlos Rosa Luis Elena Jorge Ana", "Mamani Quispe Flores Rojas Vargas Gutiérrez Choque"),
    "pt": _names("João Ana Pedro Beatriz Rafael Camila", "Silva Souza Oliveira Pereira Lima Ribeiro"),
    "fj": _names("Sione Mele Tevita Ana Josefa Salote Litia", "Waqa Naivalu Fifita Taufa Matai Vuki"),
    "ko": _names("민준 서연 지훈 수진 영호 은정", "김 이 박 최 정 강", family_first=True, separator=""),
    "ru": _names("Айгуль Нурлан Сергей Елена Тимур Динара", "Ким Иваненко Ахметов Сулейменов Омаров Ли"),
    "ar": _names("أحمد فاطمة محمد ليلى يوسف مريم", "الحسن منصور سالم العلي حداد"),
    "de": _names("Anna Lukas Marek Ingrid Stefan Zofia", "Weber Novak Schneider Kowal Fischer Horvat"),
    "en": _names("James Emily Daniel Laura Kevin Susan", "Walker Miller Carter Young Bennett Hughes"),
}

LANGUAGE_BY_COUNTRY = {
    "CN": "zh", "TW": "zh", "HK": "zh", "MO": "zh", "LA": "lo", "TH": "th", "KH": "km", "MM": "my", "PH": "tl",
    "ID": "id", "MY": "id", "LK": "si", "NP": "ne", "IN": "hi", "KE": "sw", "TZ": "sw", "UG": "sw", "RW": "sw",
    "BI": "sw", "ZW": "sn", "ZM": "sn", "MW": "sn", "ER": "am", "ET": "am", "DJ": "ar", "EG": "ar", "SD": "ar",
    "BR": "pt", "AO": "pt", "MZ": "pt", "KR": "ko", "FR": "fr", "AU": "en", "NZ": "en", "GB": "en",
}  # fmt: skip
LANGUAGE_BY_REGION = {
    "CN": "zh", "SEA": "id", "SA": "hi", "ESA": "sw", "CA": "fr", "AND": "es", "PAC": "fj", "NEA": "ko", "CAS": "ru",
    "GLF": "ar", "EUR": "de", "NAF": "ar", "SAM": "es", "CAM": "es", "NAM": "en",
}  # fmt: skip
"""Used where the country has no entry of its own."""

PLACES: dict[str, tuple[str, str]] = {
    "XIY": ("Xi'an", "西安咸阳"), "TSN": ("Tianjin", "天津滨海"), "HRB": ("Harbin", "哈尔滨太平"),
    "TYN": ("Taiyuan", "太原武宿"), "LYA": ("Luoyang", "洛阳北郊"), "KMG": ("Kunming", "昆明"),
    "TFU": ("Chengdu", "成都天府"), "VTE": ("Vientiane", "ວຽງຈັນ"), "LPQ": ("Luang Prabang", "ຫຼວງພະບາງ"),
    "PKZ": ("Pakse", "ປາກເຊ"), "KTI": ("Phnom Penh", "ភ្នំពេញ"), "SAI": ("Siem Reap", "សៀមរាប"),
    "RGN": ("Yangon", "ရန်ကုန်"), "MDL": ("Mandalay", "မန္တလေး"), "MNL": ("Manila", "Maynila"),
    "SUB": ("Surabaya", "Surabaya"), "KOE": ("Kupang", "Kupang"), "CMB": ("Colombo", "කොළඹ"),
    "RML": ("Ratmalana", "රත්මලාන"), "KTM": ("Kathmandu", "काठमाडौं"), "KEP": ("Nepalgunj", "नेपालगञ्ज"),
    "BIR": ("Biratnagar", "विराटनगर"), "NBO": ("Nairobi", "Nairobi"), "HRE": ("Harare", "Harare"),
    "BUQ": ("Bulawayo", "koBulawayo"), "VFA": ("Victoria Falls", "Mosi-oa-Tunya"), "LUN": ("Lusaka", "Lusaka"),
    "NLA": ("Ndola", "Ndola"), "JIB": ("Djibouti", "جيبوتي"), "ASM": ("Asmara", "ኣስመራ"),
    "BJM": ("Bujumbura", "Bujumbura"), "DLA": ("Douala", "Douala"), "NSI": ("Yaounde", "Yaoundé"),
    "GOU": ("Garoua", "Garoua"), "MVR": ("Maroua", "Maroua"), "BZV": ("Brazzaville", "Brazzaville"),
    "PNR": ("Pointe-Noire", "Pointe-Noire"), "CBB": ("Cochabamba", "Cochabamba"), "LPB": ("La Paz", "La Paz"),
    "VVI": ("Santa Cruz", "Santa Cruz de la Sierra"), "TJA": ("Tarija", "Tarija"), "SRE": ("Sucre", "Sucre"),
    "NAN": ("Nadi", "Nadi"), "TBU": ("Nuku'alofa", "Nukuʻalofa"), "VAV": ("Vava'u", "Vavaʻu"),
    "ICN": ("Seoul", "서울 인천"), "ALA": ("Almaty", "Алматы"), "DXB": ("Dubai", "دبي"),
    "FRA": ("Frankfurt", "Frankfurt am Main"), "CAI": ("Cairo", "القاهرة"), "GRU": ("São Paulo", "São Paulo"),
    "PTY": ("Panama City", "Ciudad de Panamá"), "DFW": ("Dallas", "Dallas"),
}  # fmt: skip
"""English and local name by IATA code; elsewhere the airport list's city stands for both."""

OPERATOR_FIRST = (
    "Saffron", "Juniper", "Marigold", "Tamarind", "Indigo Reed", "Copper", "Amber", "Silver Reed", "Cobalt",
    "Jade Pine", "Basalt", "Willow", "Cedar Ridge", "Laterite", "Monsoon",
)  # fmt: skip
OPERATOR_SECOND = ("Heron", "Hornbill", "Ibis", "Hoopoe", "Plover", "Curlew", "Bulbul", "Egret", "Kingfisher")
OPERATOR_LAST = ("Air Lines", "Regional", "Airways", "Air Link")
