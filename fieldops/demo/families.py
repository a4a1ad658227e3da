"""The part families of the fleet, twin turboprops throughout: what wears, how fast and at what cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fieldops.demo.rows import Driver, Essentiality, PartClass

Range = tuple[float, float]
Echelon = Literal["central", "hub", "outlet"]


@dataclass(frozen=True, slots=True)
class Family:
    """A family; each aircraft type has one part number of it.

    `usage` between removals is in the unit of `driver`, `cost` and `repair` in US dollars (repair None: discarded),
    `days` is the shop's turn-around, or the supplier's lead time where it is discarded. `echelon` is the
    lowest tier which holds the part as a rule.
    """

    ata: str
    name: str
    name_zh: str
    quantity: int
    driver: Driver
    usage: Range
    cost: Range
    repair: Range | None
    days: Range
    weight_kg: float
    part_class: PartClass
    essentiality: Essentiality
    echelon: Echelon
    un_number: str | None = None


WHEEL_CHAPTER = "32-41"
ENGINE_CHAPTER = "72-00"
UNIT_CLASSES = frozenset[PartClass]({"rotable", "repairable", "expendable"})
"""Classes whose replacement counts as a removal."""

# fmt: off
FAMILIES: tuple[Family, ...] = (
    Family("21-51", "Air cycle machine", "空气循环机", 2, "flight_hours",
           (4e3, 7e3), (50e3, 90e3), (12e3, 25e3), (35, 50), 18, "rotable", "GO_IF", "hub"),
    Family("23-12", "VHF transceiver", "甚高频收发机", 2, "flight_hours",
           (6e3, 10e3), (20e3, 60e3), (3e3, 12e3), (25, 40), 5, "rotable", "GO_IF", "hub"),
    Family("24-31", "DC starter-generator", "直流起动发电机", 2, "flight_hours",
           (1.1e3, 2e3), (20e3, 35e3), (4e3, 9e3), (20, 35), 23, "rotable", "NO_GO", "hub"),
    Family("24-33", "NiCd main battery", "镍镉主蓄电池", 2, "flight_hours",
           (600, 1.2e3), (6e3, 10e3), (1e3, 1.6e3), (7, 14), 36, "repairable", "NO_GO", "outlet", "UN2795"),
    Family("26-21", "Engine fire bottle", "发动机灭火瓶", 4, "calendar",
           (1095, 3650), (1e3, 6e3), (400, 1.2e3), (15, 30), 6, "repairable", "NO_GO", "hub", "UN1044"),
    Family("26-22", "Fire bottle squib", "灭火瓶爆管", 4, "calendar",
           (1095, 3650), (1e3, 6e3), None, (15, 30), 0.4, "expendable", "NO_GO", "hub", "UN0323"),
    Family("27-41", "Elevator trim actuator", "升降舵调整片作动器", 2, "flight_hours",
           (4e3, 12e3), (8e3, 35e3), (3e3, 9e3), (30, 45), 4, "rotable", "NO_GO", "hub"),
    Family("27-51", "Flap actuator", "襟翼作动筒", 4, "flight_hours",
           (4e3, 12e3), (8e3, 35e3), (3e3, 9e3), (30, 45), 7, "rotable", "NO_GO", "hub"),
    Family("28-21", "Fuel boost pump", "燃油增压泵", 4, "flight_hours",
           (4e3, 12e3), (8e3, 35e3), (3e3, 9e3), (30, 45), 5, "rotable", "GO_IF", "hub"),
    Family("29-11", "Engine-driven hydraulic pump", "发动机驱动液压泵", 2, "flight_hours",
           (4e3, 12e3), (8e3, 35e3), (3e3, 9e3), (30, 45), 9, "rotable", "NO_GO", "hub"),
    Family("30-11", "Wing de-ice boot", "机翼除冰套", 2, "flight_hours",
           (600, 2e3), (500, 4e3), None, (20, 60), 8, "expendable", "GO_IF", "hub"),
    Family("30-61", "Propeller de-ice brush block", "螺旋桨除冰电刷组件", 2, "flight_hours",
           (600, 2e3), (500, 4e3), None, (20, 45), 0.6, "expendable", "GO_IF", "outlet"),
    Family("30-62", "De-ice timer", "除冰定时器", 2, "flight_hours",
           (600, 2e3), (500, 4e3), None, (20, 45), 1.2, "expendable", "GO_IF", "hub"),
    Family("31-61", "EFIS display unit", "电子飞行仪表显示器", 5, "flight_hours",
           (7e3, 12e3), (30e3, 70e3), (6e3, 12e3), (25, 40), 6, "rotable", "GO_IF", "hub"),
    Family("32-11", "Main landing gear leg", "主起落架支柱", 2, "calendar",
           (2920, 3650), (250e3, 450e3), (70e3, 140e3), (60, 90), 230, "rotable", "NO_GO", "central"),
    Family("32-21", "Nose landing gear leg", "前起落架支柱", 1, "calendar",
           (2920, 3650), (250e3, 450e3), (70e3, 140e3), (60, 90), 95, "rotable", "NO_GO", "central"),
    Family("32-41", "Main wheel assembly", "主轮组件", 4, "landings",
           (180, 350), (4e3, 7e3), (1e3, 2e3), (7, 14), 48, "repairable", "NO_GO", "outlet"),
    Family("32-41", "Nose wheel assembly", "前轮组件", 2, "landings",
           (180, 350), (4e3, 7e3), (1e3, 2e3), (7, 14), 17, "repairable", "NO_GO", "outlet"),
    Family("32-42", "Brake assembly", "刹车组件", 4, "landings",
           (800, 1.8e3), (15e3, 28e3), (5e3, 9e3), (20, 35), 32, "repairable", "NO_GO", "outlet"),
    Family("33-12", "Cockpit lamp", "驾驶舱灯泡", 12, "flight_hours",
           (400, 1.5e3), (50, 2e3), None, (10, 30), 0.1, "expendable", "GO", "outlet"),
    Family("33-42", "Landing lamp", "着陆灯灯泡", 4, "flight_hours",
           (400, 1.5e3), (50, 2e3), None, (10, 30), 0.5, "expendable", "GO_IF", "outlet"),
    Family("33-43", "Position lamp", "航行灯灯泡", 4, "flight_hours",
           (400, 1.5e3), (50, 2e3), None, (10, 30), 0.2, "expendable", "NO_GO", "outlet"),
    Family("34-12", "Air data computer", "大气数据计算机", 3, "flight_hours",
           (6e3, 10e3), (20e3, 60e3), (3e3, 12e3), (25, 40), 4, "rotable", "NO_GO", "hub"),
    Family("34-25", "Attitude and heading reference unit", "航姿参考组件", 3, "flight_hours",
           (6e3, 10e3), (20e3, 60e3), (3e3, 12e3), (25, 40), 5, "rotable", "NO_GO", "hub"),
    Family("34-41", "Weather radar transceiver", "气象雷达收发机", 2, "flight_hours",
           (6e3, 10e3), (20e3, 60e3), (3e3, 12e3), (25, 40), 8, "rotable", "GO_IF", "hub"),
    Family("34-43", "TCAS processor", "防撞系统处理机", 2, "flight_hours",
           (6e3, 10e3), (20e3, 60e3), (3e3, 12e3), (25, 40), 7, "rotable", "GO_IF", "hub"),
    Family("35-11", "Crew oxygen cylinder", "机组氧气瓶", 2, "calendar",
           (1095, 3650), (1e3, 6e3), (400, 1.2e3), (15, 30), 9, "repairable", "NO_GO", "hub", "UN1072"),
    Family("35-31", "Protective breathing equipment", "防护式呼吸装置", 4, "calendar",
           (1095, 3650), (1e3, 6e3), None, (15, 30), 2, "expendable", "GO_IF", "hub", "UN3356"),
    Family("49-11", "Auxiliary power unit", "辅助动力装置", 1, "apu_hours",
           (1.5e3, 3e3), (250e3, 450e3), (80e3, 160e3), (45, 75), 120, "rotable", "GO_IF", "central"),
    Family("56-11", "Cockpit windshield", "驾驶舱风挡", 2, "flight_hours",
           (4e3, 8e3), (20e3, 45e3), None, (30, 90), 42, "expendable", "NO_GO", "hub"),
    Family("61-11", "Propeller blade", "螺旋桨桨叶", 2, "flight_hours",
           (3e3, 6e3), (80e3, 300e3), (20e3, 60e3), (45, 60), 26, "rotable", "NO_GO", "central"),
    Family("61-12", "Propeller hub", "螺旋桨桨毂", 2, "flight_hours",
           (3e3, 6e3), (80e3, 300e3), (20e3, 60e3), (45, 60), 75, "rotable", "NO_GO", "central"),
    Family("61-21", "Propeller pitch actuator", "螺旋桨变距作动筒", 2, "flight_hours",
           (3e3, 6e3), (80e3, 300e3), (20e3, 60e3), (45, 60), 14, "rotable", "NO_GO", "central"),
    Family("61-22", "Propeller electronic control", "螺旋桨电子控制器", 4, "flight_hours",
           (6e3, 10e3), (40e3, 80e3), (8e3, 14e3), (35, 35), 3, "rotable", "NO_GO", "hub"),
    Family("72-00", "Turboprop engine", "涡桨发动机", 2, "flight_hours",
           (7e3, 12e3), (1.8e6, 3.5e6), (600e3, 1.2e6), (70, 110), 520, "rotable", "NO_GO", "central"),
    Family("73-11", "Fuel nozzle set", "燃油喷嘴组", 2, "flight_hours",
           (4e3, 9e3), (50e3, 120e3), (12e3, 30e3), (35, 55), 6, "rotable", "NO_GO", "hub"),
    Family("73-21", "Hydromechanical fuel unit", "液压机械燃油组件", 2, "flight_hours",
           (4e3, 9e3), (50e3, 120e3), (12e3, 30e3), (35, 55), 12, "rotable", "NO_GO", "hub"),
    Family("73-22", "Electronic engine control", "发动机电子控制器", 2, "flight_hours",
           (4e3, 9e3), (50e3, 120e3), (12e3, 30e3), (35, 55), 5, "rotable", "NO_GO", "hub"),
    Family("74-21", "Igniter plug", "点火电嘴", 4, "flight_hours",
           (400, 1.5e3), (50, 2e3), None, (10, 30), 0.3, "expendable", "NO_GO", "outlet"),
)
# fmt: on


@dataclass(frozen=True, slots=True)
class TailClass:
    """How the long tail of one class looks: its share of the tail, median cost, spread and the words for it."""

    part_class: PartClass
    share: float
    cost_usd: float
    cost_sigma: float
    lead_days: Range
    nouns: tuple[tuple[str, str], ...]


TAIL: tuple[TailClass, ...] = (
    TailClass(
        "standard_part",
        0.38,
        8,
        1.0,
        (5, 30),
        (
            ("Bolt", "螺栓"),
            ("Self-locking nut", "自锁螺母"),
            ("Washer", "垫圈"),
            ("O-ring", "O形圈"),
            ("Rivet", "铆钉"),
            ("Cotter pin", "开口销"),
            ("Clamp", "卡箍"),
            ("Screw", "螺钉"),
            ("Bushing", "衬套"),
            ("Grommet", "护线圈"),
        ),
    ),
    TailClass(
        "expendable",
        0.30,
        300,
        1.0,
        (20, 120),
        (
            ("Seal", "封严件"),
            ("Gasket", "密封垫"),
            ("Filter element", "滤芯"),
            ("Hose", "软管"),
            ("Relay", "继电器"),
            ("Circuit breaker", "断路器"),
            ("Connector", "插头"),
            ("Bearing", "轴承"),
            ("Bracket", "支架"),
            ("Access panel", "检修口盖"),
            ("Fairing", "整流罩"),
            ("Cable", "钢索"),
        ),
    ),
    TailClass(
        "material",
        0.10,
        50,
        0.8,
        (7, 45),
        (
            ("Sealant", "密封胶"),
            ("Adhesive", "胶粘剂"),
            ("Primer", "底漆"),
            ("Grease", "润滑脂"),
            ("Tape", "胶带"),
            ("Corrosion inhibitor", "缓蚀剂"),
        ),
    ),
    TailClass(
        "repairable",
        0.12,
        3_500,
        0.8,
        (30, 150),
        (
            ("Valve", "活门"),
            ("Pressure switch", "压力电门"),
            ("Temperature sensor", "温度传感器"),
            ("Door", "舱门"),
            ("Regulator", "调节器"),
            ("Heat exchanger", "热交换器"),
            ("Transmitter", "变送器"),
        ),
    ),
    TailClass(
        "rotable",
        0.05,
        8_000,
        0.7,
        (60, 180),
        (
            ("Control unit", "控制盒"),
            ("Computer", "计算机"),
            ("Motor", "电动机"),
            ("Indicator", "指示器"),
            ("Servo", "舵机"),
        ),
    ),
    TailClass(
        "tool",
        0.05,
        800,
        1.0,
        (20, 90),
        (
            ("Puller", "拔具"),
            ("Torque adapter", "力矩接头"),
            ("Rigging pin", "校装销"),
            ("Test set", "测试仪"),
            ("Hoisting sling", "吊具"),
        ),
    ),
)

SYSTEMS: tuple[tuple[int, str, str], ...] = (
    (21, "air conditioning", "空调系统"),
    (22, "autopilot", "自动驾驶"),
    (23, "communications", "通信系统"),
    (24, "electrical power", "电源系统"),
    (25, "cabin furnishings", "客舱设备"),
    (26, "fire protection", "防火系统"),
    (27, "flight controls", "飞行操纵"),
    (28, "fuel", "燃油系统"),
    (29, "hydraulics", "液压系统"),
    (30, "ice and rain protection", "防冰排雨"),
    (31, "indicating", "指示系统"),
    (32, "landing gear", "起落架"),
    (33, "lights", "灯光"),
    (34, "navigation", "导航系统"),
    (35, "oxygen", "氧气系统"),
    (36, "pneumatics", "引气系统"),
    (38, "water and waste", "水和污水系统"),
    (49, "auxiliary power unit", "辅助动力装置"),
    (52, "doors", "舱门系统"),
    (53, "fuselage", "机身"),
    (54, "nacelle", "短舱"),
    (55, "tail plane", "尾翼"),
    (56, "windows", "窗户"),
    (57, "wing", "机翼"),
    (61, "propeller", "螺旋桨"),
    (71, "power plant", "动力装置"),
    (73, "engine fuel", "发动机燃油"),
    (74, "ignition", "点火系统"),
    (77, "engine indicating", "发动机指示"),
    (79, "engine oil", "滑油系统"),
)
HAZARDOUS_MATERIALS = ("UN1263", "UN1133", "UN1950", "UN1993")
